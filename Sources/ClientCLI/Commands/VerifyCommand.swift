import ArgumentParser
import BusClient
import Messages
import ServiceRuntime
import TelehashWire

struct VerifyCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check the signature of a message.",
        discussion: Help.text(
            """
            Takes the message with this id from the node; without an id it reads one message as JSON on standard input, of \
            which only its "signals" are needed, and asks no node. Exit status: 0 the signature holds, 3 it does not, 1 the \
            input is no message, or there is none with this id.
            """, json: "valid, id, scheme, weak, key, code and reason",
            examples: ["p2pmsg verify 3f2a90", "p2pmsg verify < message.json"]))
    static let settings: [Setting] = NodeOptions.settings

    @Argument(help: ArgumentHelp(MessageReference.help), transform: MessageReference.argument)
    var id: MessageReference?

    @OptionGroup var node: NodeOptions

    func run() async throws {
        let verdict =
            if let id {
                Verdict(on: try await node.row(of: id, for: "verify").stored.message)
            } else {
                try Verdict(of: try await StandardInput.document("the message"))
            }
        try StandardStreams.out((node.json ? verdict.json : verdict.text) + "\n")
        if !verdict.isValid { throw EndedWith(status: .refused) }
    }
}

/// Whether a message is what it says.
struct Verdict {
    /// Nil when the signals do not make a message.
    private let message: SignedMessage?
    /// Nil when the signature holds.
    private let problem: MessageError?
}

extension Verdict {
    init(on message: SignedMessage) {
        do throws(MessageError) {
            try message.checkSignature()
            self.init(message: message, problem: nil)
        } catch {
            self.init(message: message, problem: error)
        }
    }

    /// - Parameter input: a message as JSON.
    /// - Throws: a report of status `failed` when it is not one at all.
    init(of input: [UInt8]) throws(FailureReport) {
        do throws(MessageError) {
            self.init(on: try SignedMessage(json: input))
        } catch {
            guard error.code != .jsonMalformed, error.code != .jsonTooLong else { throw FailureReport(error.message) }
            self.init(message: nil, problem: error)
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
            let remark = isWeak ? " (anybody can forge it: RSA of 512 bits over SHA-1 of the text only)" : ""
            lines.append("scheme  \(message.scheme.rawValue)\(remark)")
            lines.append("key     \(message.key.text)")
            lines.append("id      \(message.id.hex)")
        }
        return lines.joined(separator: "\n")
    }
}
