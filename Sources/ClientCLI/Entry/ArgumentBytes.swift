import ServiceRuntime

/// The command line as bytes: Swift repairs what is not UTF-8, but a text must not be changed before it is signed.
enum ArgumentBytes {
    /// - Throws: a report of status `refused` for `send`, whose arguments are the text, else of status `usage`.
    static func check(_ arguments: [[UInt8]], arguments names: [String]) throws(FailureReport) {
        for (index, bytes) in arguments.enumerated() {
            guard let offset = UTF8Check.firstError(in: bytes) else { continue }
            let what = names.first == "send" ? "the text" : "argument \(index + 1)"
            throw FailureReport(
                "\(what) is not valid UTF-8 (at byte \(offset + 1))", status: names.first == "send" ? .refused : .usage)
        }
    }
}

enum UTF8Check {
    /// The place of the first byte that does not belong to valid UTF-8.
    static func firstError(in bytes: [UInt8]) -> Int? {
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let scalar): offset += scalar.count
            case .error: return offset
            case .emptyInput: return nil
            }
        }
    }
}

extension CommandLine {
    /// The arguments without the program's name, as the system passed them.
    static var argumentBytes: [[UInt8]] {
        (1..<max(1, Int(argc))).compactMap { index in
            unsafeArgv[index].map {
                Array(UnsafeBufferPointer(start: $0, count: length(of: $0))).map(UInt8.init(bitPattern:))
            }
        }
    }

    private static func length(of text: UnsafePointer<CChar>) -> Int {
        var length = 0
        while text[length] != 0 { length += 1 }
        return length
    }
}
