import Messages
import ServiceRuntime

struct Composer: Sendable {
    let identity: Identity
    let channel: Channel
    /// What every message says of its author's name.
    var name: SignedMessage.NameClaim?

    /// - Parameter at: milliseconds since 1970.
    /// - Throws: a report of status `refused` that says what is wrong with the text.
    func message(of line: LineSplitter.Line, at: Int64) throws(FailureReport) -> SignedMessage {
        let bytes: [UInt8]
        switch line {
        case .bytes(let kept): bytes = kept
        case .tooLong(let count):
            throw FailureReport("the text is too long: it has \(count) bytes, about 900 fit", status: .refused)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let place = ArgumentBytes.firstError(in: bytes).map { " (at byte \($0 + 1))" } ?? ""
            throw FailureReport("the text is not valid UTF-8\(place)", status: .refused)
        }
        do throws(MessageError) {
            return try identity.sign(text, channel: channel, at: at, extra: name?.signals ?? [:])
        } catch {
            throw FailureReport(error.message, status: .refused)
        }
    }

    /// Standard input as one text: the newline at its end is the terminal's, not the writer's, and other
    /// systems end their lines with two characters.
    static func text(ofInput line: LineSplitter.Line) -> LineSplitter.Line {
        guard case .bytes(let bytes) = line else { return line }
        var text = withPlainNewlines(TextDecoder.utf8(bytes))
        if text.last == UInt8(ascii: "\n") { text.removeLast() }
        return .bytes(text)
    }

    /// An argument, which may be what `$(cat FILE)` has left of such a file.
    static func text(ofArgument argument: String) -> LineSplitter.Line {
        var text = withPlainNewlines(TextDecoder.utf8(Array(argument.utf8)))
        if text.last == UInt8(ascii: "\r") { text.removeLast() }
        return .bytes(text)
    }

    private static func withPlainNewlines(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(UInt8(ascii: "\r")) else { return bytes }
        var result: [UInt8] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n"), result.last == UInt8(ascii: "\r") { result.removeLast() }
            result.append(byte)
        }
        return result
    }
}

/// What switches of 2011 do to texts that are not ASCII: messages in the scheme of that time are for their readers.
enum LegacyText {
    /// A word for the writer; nil where the message passes everywhere.
    static func warning(about message: SignedMessage) -> String? {
        guard message.scheme == .legacy else { return nil }
        let scalars = message.text.unicodeScalars.filter { !$0.isASCII }
        guard let worst = scalars.first(where: { $0.value > 0xFF }) ?? scalars.first else { return nil }
        let number = String(worst.value, radix: 16, uppercase: true)
        let name = "U+" + String(repeating: "0", count: max(0, 4 - number.count)) + number
        return worst.value > 0xFF
            ? "switches of 2011 written in Perl end when they pass on \(name); send ASCII to get past them"
            : "switches of 2011 written in Perl garble \(name), and the signature fits no more; send ASCII to get past them"
    }
}
