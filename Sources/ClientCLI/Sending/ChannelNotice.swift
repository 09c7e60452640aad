import BusClient
import Messages
import ServiceRuntime

/// What a writer is told whose message no store of the own node will have.
struct ChannelNotice: Sendable {
    private let channel: Channel
    private let name: String

    init(_ channel: Channel) {
        self.channel = channel
        name = SafeText.line(channel.name)
    }

    /// Asks, beside the first message, whether the own node keeps the channel, and says so where it does not.
    ///
    /// - Returns: what to say when nobody else has taken the message in time; nil where a store takes the channel, or
    ///   nobody can say.
    func tell(_ client: BusClient, timeout: Duration) async -> String? {
        guard let directory = try? await client.directory(timeout: timeout), directory.keeps(channel) == false else {
            return nil
        }
        guard directory.channels?.isEmpty == false else {
            ClientCLI.tell("this node has no store: it only passes the message on to other nodes")
            return "nobody took it: this node has no store, and no other node took it in time"
        }
        ClientCLI.tell(
            "this node does not keep the channel \(name): it only passes the message on to other nodes. "
                + "Its operator can change that: p2pmsg up --channel \(ShellWord.quoted(name))")
        return "nobody took it: this node does not keep the channel \(name), and no other node took it in time"
    }
}

/// Words of commands that people are told to paste.
enum ShellWord {
    /// As it is where no shell reads anything into it, else between quotation marks.
    static func quoted(_ word: String) -> String {
        let isPlain = word.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-_.".unicodeScalars.contains(scalar)
        }
        guard !isPlain || word.isEmpty else { return word }
        return "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
