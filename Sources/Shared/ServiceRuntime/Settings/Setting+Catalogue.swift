/// Every setting that any p2pmsg command knows. Commands name theirs from here, so that one configuration file
/// can serve several commands and a typo is told from a setting of another command.
extension Setting {
    public static let config = Setting(
        name: "config", kind: .text, help: "Read settings from this file (lines of name = value).")

    // The bus and the mesh.
    public static let bus = Setting(name: "bus", kind: .text, help: "The router's bus, ipc://PATH.")
    public static let udp = Setting(name: "udp", kind: .text, help: "Listen for the mesh here, IP:PORT.")
    public static let seeds = Setting(
        name: "seed", kind: .list,
        help: "A node of the mesh to join, HOST:PORT (repeatable; none: this node is a seed).")
    public static let advertise = Setting(
        name: "advertise", kind: .text, help: "The address that others reach this node at, IP:PORT.")
    public static let ops = Setting(
        name: "ops", kind: .text, help: "Serve /livez, /readyz and /metrics here, ADDRESS:PORT (default: off).")
    public static let logLevel = Setting(
        name: "log-level", kind: .text,
        help: "Log from this level on: trace, debug, info, notice, warning, error or critical (default: notice).")
    public static let logFormat = Setting(
        name: "log-format", kind: .text, help: "How lines of the log look, text or json (default: text).")

    // Receiver and renderer.
    public static let store = Setting(name: "store", kind: .text, help: "The store's SQLite file.")
    public static let channels = Setting(
        name: "channel", kind: .list, help: "A channel, by name (repeatable).")
    public static let http = Setting(
        name: "http", kind: .text, help: "Serve the wall here, ADDRESS:PORT or unix:/path.")
    public static let basePath = Setting(
        name: "base-path", kind: .text, help: "The path that the reverse proxy serves the wall under.")
    public static let trustedProxies = Setting(
        name: "trusted-proxy", kind: .list, help: "Believe forwarding headers from this network, CIDR (repeatable).")
    public static let keys = Setting(name: "keys", kind: .text, help: "The directory of the key files.")

    // The command p2pmsg.
    public static let data = Setting(name: "data", kind: .text, help: "The directory of this node's data.")
    public static let receivers = Setting(name: "receivers", kind: .text, help: "How many receivers to run.")
    public static let channel = Setting(name: "channel", kind: .text, help: "The channel, by name.")
    public static let key = Setting(name: "key", kind: .text, help: "Sign with the identity of this name.")
    public static let acks = Setting(
        name: "acks", kind: .text, help: "How many stores must have committed the message.")
    public static let timeout = Setting(
        name: "timeout", kind: .text, help: "How long to wait for an answer (5s, 300ms, 2m).")
    public static let json = Setting(name: "json", kind: .flag, help: "Print JSON, one object a line.")
    public static let lines = Setting(
        name: "lines", kind: .flag, help: "Send one message for each line of standard input.")
    public static let scheme = Setting(name: "scheme", kind: .text, help: "The signature scheme, ed25519 or 2011.")
    public static let count = Setting(name: "count", kind: .text, help: "Stop after this many messages.")
    public static let wait = Setting(name: "wait", kind: .text, help: "Stop after this time (10s, 2m).")
    public static let limit = Setting(name: "limit", kind: .text, help: "Print at most this many messages.")
    public static let before = Setting(
        name: "before", kind: .text, help: "Only messages before: cursor, ISO-8601 time, milliseconds, or 2h ago as 2h."
    )
    public static let since = Setting(
        name: "since", kind: .text, help: "Only messages since: cursor, ISO-8601 time, milliseconds, or 2h ago as 2h.")
    public static let author = Setting(name: "author", kind: .text, help: "Only messages of this public key.")

    /// Known names with the widest kind that any command gives them.
    static let catalogue: [Setting] = [
        bus, udp, seeds, advertise, ops, logLevel, logFormat, store, channels, http, basePath, trustedProxies, keys,
        data, receivers, key,
        acks, timeout, json, lines, scheme, count, wait, limit, before, since, author,
    ]
}

extension Setting {
    /// The environment variables of all settings.
    public static let variables = Set(catalogue.map(\.environmentVariable))
}
