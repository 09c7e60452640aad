import ArgumentParser
import Bus
import BusClient
import Messages
import ServiceRuntime
import TelehashWire

struct ChannelsCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "channels", abstract: "List the channels of this node, the last active first.",
        discussion: Help.text(
            "Those that its receivers take, and those that its stores have messages of, as many as are stored.",
            json:
                "channel (null where only its end is known), end, messages and last_at (milliseconds since 1970, or null)",
            examples: ["p2pmsg channels", "p2pmsg channels --json | jq -r .channel"]))
    static let settings: [Setting] = NodeOptions.settings

    @OptionGroup var node: NodeOptions

    func run() async throws {
        let table = try await node.withClient(of: "channels") { client in
            try await ChannelTable.ask(client, timeout: node.timeout)
        }
        try StandardStreams.out(node.json ? table.json : table.text)
    }
}

/// The channels of all stores: a replica has what the others have, so of each the largest numbers count.
struct ChannelTable {
    private var channels: [NodeID: ChannelActivity] = [:]

    mutating func add(_ channel: Channel) {
        add(ChannelActivity(end: channel.end, name: channel.name, messages: 0, lastAt: nil))
    }

    mutating func add(_ channel: ChannelActivity) {
        let known = channels[channel.end]
        channels[channel.end] = ChannelActivity(
            end: channel.end, name: channel.name ?? known?.name,
            messages: max(channel.messages, known?.messages ?? 0),
            lastAt: [channel.lastAt, known?.lastAt].compactMap { $0 }.max())
    }

    /// The keys `channel, end, messages, last_at`.
    var json: String {
        ordered.map { channel in
            var line = JSONWriter(.terminal)
            line.member("channel", channel.name)
            line.member("end", channel.end.hex)
            line.member("messages", channel.messages)
            line.member("last_at", channel.lastAt)
            return line.object + "\n"
        }.joined()
    }

    var text: String {
        let rows = ordered.map { channel in
            (
                name: channel.name.map { "#" + SafeText.line($0) } ?? "end " + channel.end.hex,
                count: counted(channel.messages, "message"),
                last: channel.lastAt.map { Timestamp.text($0).prefix(19) + "Z" }
            )
        }
        let (names, counts) = (rows.map(\.name.count).max() ?? 0, rows.map(\.count.count).max() ?? 0)
        return rows.map { row in
            let gap = String(repeating: " ", count: names - row.name.count + 2 + counts - row.count.count)
            return row.name + gap + row.count + (row.last.map { "  " + $0 } ?? "") + "\n"
        }.joined()
    }

    private var ordered: [ChannelActivity] {
        channels.values.sorted { a, b in
            a.lastAt == b.lastAt
                ? (a.name ?? "~", a.end.hex) < (b.name ?? "~", b.end.hex) : (a.lastAt ?? .min) > (b.lastAt ?? .min)
        }
    }
}

extension ChannelTable {
    /// All that the node keeps or has.
    static func ask(_ client: BusClient, timeout: Duration) async throws -> ChannelTable {
        let receivers = try await client.directory(timeout: timeout).receivers
        guard !receivers.isEmpty else { throw BusError.noReceiver }
        var table = ChannelTable()
        for receiver in receivers { for channel in receiver.channels { table.add(channel) } }
        for store in Set(receivers.map(\.store)) {
            let channels = try await client.query(.channels, of: store, timeout: timeout).value(\.channels)
            for channel in channels { table.add(channel) }
        }
        return table
    }

    /// What to say of a channel of which nothing was found; nil where the node has it.
    func notice(about channel: Channel) -> String? {
        guard channels[channel.end] == nil else { return nil }
        return "this node has no channel \(SafeText.line(channel.name)); p2pmsg channels lists those that it has"
    }

    /// Says that notice. Where no store can be asked any more there is nothing to say.
    static func tellNotice(about channel: Channel, _ client: BusClient, timeout: Duration) async {
        guard let notice = try? await ask(client, timeout: timeout).notice(about: channel) else { return }
        tell(notice)
    }
}
