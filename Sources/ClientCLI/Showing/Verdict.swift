import Messages
import ServiceRuntime
import TelehashWire

/// Whether a message is what it says.
struct Verdict {
    /// Nil when the signals do not make a message.
    private let message: SignedMessage?
    /// Nil when the signature holds.
    private let problem: MessageError?

    init(on message: SignedMessage) {
        self.init(
            message: message,
            problem: message.isSignatureValid()
                ? nil : MessageError(.signatureWrong, "the signature does not belong to these signals and this key"))
    }

    private init(message: SignedMessage?, problem: MessageError?) {
        self.message = message
        self.problem = problem
    }

    /// - Parameter input: a message as JSON.
    /// - Throws: a report of status `failed` when it is not one at all.
    init(of input: [UInt8]) throws(FailureReport) {
        do throws(MessageError) {
            self.init(on: try SignedMessage(json: input))
        } catch {
            switch error.code {
            case .jsonMalformed, .jsonTooLong: throw FailureReport(error.message)
            default: self.init(message: nil, problem: error)
            }
        }
    }

    var isValid: Bool { problem == nil }

    private var isWeak: Bool { message?.scheme == .legacy }

    /// The keys `valid, id, scheme, weak, key, code, reason`; null where there is nothing to say.
    var json: String {
        var line = JSONWriter(.terminal)
        line.member("valid", isValid)
        line.member("id", message?.id.hex)
        line.member("scheme", message?.scheme.rawValue)
        line.member("weak", isWeak)
        line.member("key", message?.key.text)
        line.member("code", problem?.code.rawValue)
        line.member("reason", problem?.message)
        return line.object
    }

    var text: String {
        var lines = [problem.map { "invalid: " + SafeText.line($0.message) } ?? "valid"]
        if let message {
            let remark = isWeak ? " (weak: RSA of 512 bits over SHA-1 of the text only)" : ""
            lines.append("scheme  \(message.scheme.rawValue)\(remark)")
            lines.append("key     \(message.key.text)")
            lines.append("id      \(message.id.hex)")
        }
        return lines.joined(separator: "\n")
    }
}
