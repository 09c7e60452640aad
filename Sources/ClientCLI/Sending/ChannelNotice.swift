import BusClient
import Messages
import ServiceRuntime

/// What a writer is told whose message no store of the own node will have.
enum ChannelNotice {
    /// Before: that, and how it would.
    static func before(_ channel: Channel, hasStore: Bool) -> String {
        let name = SafeText.line(channel.name)
        guard hasStore else {
            return "this node has no store: it only passes the message on to other nodes"
        }
        return "this node does not keep the channel \(name): it only passes the message on to other nodes. "
            + "Its operator can change that: p2pmsg up --channel \(ShellWord.quoted(name))"
    }

    /// After the time was over and nobody had taken it.
    static func after(_ channel: Channel, hasStore: Bool) -> String {
        hasStore
            ? "nobody took it: this node does not keep the channel \(SafeText.line(channel.name)), and no other node "
                + "took it in time"
            : "nobody took it: this node has no store, and no other node took it in time"
    }
}

/// Whether the own node keeps a channel, asked once, beside the first message.
struct ChannelQuestion: Sendable {
    let channel: Channel

    /// - Returns: the sentence for afterwards; nil where a store takes the channel, or nobody can say.
    func ask(_ client: BusClient, timeout: Duration, tell: @Sendable (String) -> Void) async -> String? {
        guard let directory = try? await client.directory(timeout: timeout), directory.keeps(channel) == false else {
            return nil
        }
        let hasStore = directory.channels?.isEmpty == false
        tell(ChannelNotice.before(channel, hasStore: hasStore))
        return ChannelNotice.after(channel, hasStore: hasStore)
    }
}
