import ServiceRuntime

/// Percent-encoding (RFC 3986, section 2.1).
enum Percent {
    /// - Parameter plusIsSpace: as in forms and queries.
    /// - Returns: nil for a broken escape or bytes that are not UTF-8.
    static func decoded(_ text: some Collection<UInt8>, plusIsSpace: Bool = false) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// A segment of a path: only unreserved characters stay as they are.
    static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            guard !byte.isUnreserved else { return String(Unicode.Scalar(byte)) }
            return (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
    }
}

/// The fields of a query or of a form (`application/x-www-form-urlencoded`, WHATWG URL, section 5.1), in their order.
struct FormFields: Sendable {
    enum Failure: Error, Hashable {
        case notUTF8
        case tooMany
    }

    private let fields: [(name: String, value: String)]

    init(_ encoded: some Collection<UInt8>) throws(Failure) {
        var fields: [(name: String, value: String)] = []
        for part in encoded.split(separator: UInt8(ascii: "&")) {
            guard fields.count < Limits.formFields else { throw .tooMany }
            let name = part.prefix { $0 != UInt8(ascii: "=") }
            let value = part.dropFirst(name.count + 1)
            guard let name = Percent.decoded(name, plusIsSpace: true),
                let value = Percent.decoded(value, plusIsSpace: true)
            else { throw .notUTF8 }
            fields.append((name, value))
        }
        self.fields = fields
    }

    /// The first value of that name.
    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// The first value of that name; nil where it is empty: a form sends the fields that nobody filled in, too.
    func filled(_ name: String) -> String? { self[name].flatMap { $0.isEmpty ? nil : $0 } }
}
