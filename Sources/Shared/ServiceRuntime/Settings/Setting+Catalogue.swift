/// Every setting that any p2pmsg command knows. Commands name theirs from here, so that one configuration file
/// can serve several commands and a typo is told from a setting of another command.
extension Setting {
    package static let config = Setting(
        name: "config", kind: .text, help: "Read settings from this file (lines of name = value).")

    // The bus and the mesh.
    package static let bus = Setting(name: "bus", kind: .text, help: "The router's bus, ipc://PATH or tcp://HOST:PORT.")
    package static let serviceKey = Setting(
        name: "service-key", kind: .text,
        help: "With --bus tcp://: the key pair of this process, a name in the key directory or a file's path.")
    package static let routerKey = Setting(
        name: "router-key", kind: .text, help: "With --bus tcp://: the router's public key.")
    package static let allow = Setting(
        name: "allow", kind: .text,
        help: "With --bus tcp://: the file with the keys that may connect, lines of: role public-key name.")
    package static let listen = Setting(
        name: "listen", kind: .text,
        help: "With --bus tcp://: this host's address for renderers and clients, ADDRESS or ADDRESS:PORT.")
    package static let udp = Setting(name: "udp", kind: .text, help: "Listen for the mesh here, IP:PORT.")
    package static let seeds = Setting(
        name: "seed", kind: .list,
        help: "A node of the mesh to join, HOST:PORT (repeatable; none: this node is a seed).")
    package static let advertise = Setting(
        name: "advertise", kind: .text, help: "The address that others reach this node at, IP:PORT.")
    package static let state = Setting(
        name: "state", kind: .text,
        help:
            "Keep the addresses of nodes that answered in this file, to find the mesh again after a restart, and this "
            + "node's stores beside it, to wait for them then; or off.")
    package static let ops = Setting(
        name: "ops", kind: .text, help: "Serve /livez, /readyz and /metrics here, ADDRESS:PORT (default: off).")
    package static let logLevel = Setting(
        name: "log-level", kind: .text,
        help: "Log from this level on: trace, debug, info, notice, warning, error or critical (default: notice).")
    package static let logFormat = Setting(
        name: "log-format", kind: .text, help: "How lines of the log look, text or json (default: text).")

    // Receiver and renderer.
    package static let store = Setting(name: "store", kind: .text, help: "The store's SQLite file.")
    package static let channels = Setting(
        name: "channels", kind: .list,
        help:
            "Take this channel besides tweets, by name (repeatable; all receivers of a node take what one was given).",
        option: "--channel")
    package static let keep = Setting(
        name: "keep", kind: .list,
        help: "Keep messages so long (90d) or so much of them (2GB), perhaps of one channel (tweets=30d; repeatable; "
            + "default: everything for ever).")
    package static let keyRate = Setting(
        name: "key-rate", kind: .text,
        help: "Messages a second, and at once, that one author may send through the mesh, or off (default: 20/4000).")
    package static let sourceRate = Setting(
        name: "source-rate", kind: .text,
        help: "Messages a second, and at once, that one peer may hand over, or off (default: 1000/10000).")
    package static let allowedKeys = Setting(
        name: "allow-keys", kind: .text, help: "Take messages of the keys in this file only (read again on SIGHUP).")
    package static let deniedKeys = Setting(
        name: "deny-keys", kind: .text, help: "Refuse messages of the keys in this file (read again on SIGHUP).")
    package static let refuse2011 = Setting(
        name: "refuse-2011", kind: .flag, help: "Refuse messages with 2011 signatures, which anybody can forge.")
    package static let http = Setting(
        name: "http", kind: .text, help: "Serve the wall here, ADDRESS:PORT or unix:/path.")
    package static let basePath = Setting(
        name: "base-path", kind: .text, help: "The path that the reverse proxy serves the wall under.")
    package static let trustedProxies = Setting(
        name: "trusted-proxy", kind: .list, help: "Believe forwarding headers from this network, CIDR (repeatable).")
    package static let post = Setting(
        name: "post", kind: .text,
        help: "Who signs what visitors write: node (where the browser cannot), browser, or off for reading only.")
    package static let visitorRate = Setting(
        name: "visitor-rate", kind: .text,
        help:
            "Messages a second, and at once (without /: 10 times as many), that one visitor may write, or off (default: 0.2/30)."
    )
    package static let title = Setting(name: "title", kind: .text, help: "What the node is called on its pages.")
    package static let contact = Setting(
        name: "contact", kind: .text, help: "Where its operator is reached: a mail or web address, shown on every page."
    )
    package static let rules = Setting(
        name: "rules", kind: .text, help: "Show the text of this file as the rules of the node (read at the start).")
    package static let keys = Setting(name: "keys", kind: .text, help: "The directory of the key files.")

    // The command p2pmsg.
    package static let data = Setting(name: "data", kind: .text, help: "The directory of this node's data.")
    package static let receivers = Setting(name: "receivers", kind: .text, help: "How many receivers to run.")
    package static let channel = Setting(name: "channel", kind: .text, help: "The channel, by name.")
    package static let followed = Setting(name: "channel", kind: .list, help: "A channel, by name (repeatable).")
    package static let key = Setting(name: "key", kind: .text, help: "Sign with the identity of this name.")
    package static let acks = Setting(
        name: "acks", kind: .text, help: "How many stores must have committed the message.")
    package static let timeout = Setting(
        name: "timeout", kind: .text, help: "How long to wait for an answer (5s, 300ms, 2m).")
    package static let json = Setting(name: "json", kind: .flag, help: "Print JSON, one object a line.")
    package static let lines = Setting(
        name: "lines", kind: .flag, help: "Send one message for each line of standard input.")
    package static let scheme = Setting(name: "scheme", kind: .text, help: "The signature scheme, ed25519 or 2011.")
    package static let service = Setting(
        name: "service", kind: .flag, help: "A key pair for a process on --bus tcp://, not an identity.")
    package static let count = Setting(name: "count", kind: .text, help: "Stop after this many messages.")
    package static let wait = Setting(name: "wait", kind: .text, help: "Stop after this time (10s, 2m).")
    package static let limit = Setting(name: "limit", kind: .text, help: "Print at most this many messages.")
    package static let before = Setting(
        name: "before", kind: .text, help: "Only messages before: cursor, ISO-8601 time, milliseconds, or 2h ago as 2h."
    )
    package static let since = Setting(
        name: "since", kind: .text, help: "Only messages since: cursor, ISO-8601 time, milliseconds, or 2h ago as 2h.")
    package static let storeID = Setting(
        name: "store-id", kind: .text, help: "Only this store (default: all that are here).")
    package static let reason = Setting(name: "reason", kind: .text, help: "Why, for other operators.")
    package static let list = Setting(name: "list", kind: .flag, help: "List what is in force.")
    package static let redeliver = Setting(
        name: "redeliver", kind: .flag, help: "Put them back into the queues of their stores.")
    package static let author = Setting(
        name: "author", kind: .text, help: "Only messages of this author: a key, its first digits, or a name.")

    // The simulator.
    package static let nodes = Setting(name: "nodes", kind: .text, help: "How many routers the simulated mesh has.")
    package static let loss = Setting(name: "loss", kind: .text, help: "So many percent of all datagrams get lost.")
    package static let deadPercent = Setting(
        name: "dead", kind: .text, help: "So many percent die without notice when the measurement begins.")
    package static let churn = Setting(
        name: "churn", kind: .text,
        help: "Routers leave, and others come, after sessions of this median in minutes (0: all stay).")
    package static let attackers = Setting(
        name: "attackers", kind: .text,
        help: "So many percent of the routers work together against the others.")
    package static let publishers = Setting(
        name: "publishers", kind: .text, help: "Routers that publish, a message every 10 s each (default: 5).")
    package static let subscribers = Setting(
        name: "subscribers", kind: .text, help: "Routers that listen to what is published (default: 50).")
    package static let minutes = Setting(name: "minutes", kind: .text, help: "Measure for so many simulated minutes.")

    /// Known names with the widest kind that any command gives them.
    static let catalogue: [Setting] = [
        bus, serviceKey, routerKey, allow, listen, udp, seeds, advertise, state, ops, logLevel, logFormat, store,
        channels, followed,
        keep, keyRate, sourceRate, allowedKeys, deniedKeys, refuse2011, http, basePath, trustedProxies, post,
        visitorRate, title, contact, rules, keys,
        data, receivers, key,
        acks, timeout, json, lines, scheme, service, count, wait, limit, before, since, author, storeID, reason, list,
        redeliver, nodes, loss, deadPercent, churn, attackers, publishers, subscribers, minutes,
    ]
}

extension Setting {
    /// For a node whose operator may have meant the other variable; nil where there is nothing to say.
    package static func channelHint(environment: [String: String]) -> String? {
        guard environment[channel.environmentVariable]?.isEmpty == false,
            environment[channels.environmentVariable]?.isEmpty != false
        else { return nil }
        return
            "\(channel.environmentVariable) says where commands write and read; which channels this node takes is said "
            + "by \(channels.environmentVariable) or \(channels.option)"
    }

    /// Whether some command takes several values of this setting.
    static func isList(_ name: String) -> Bool { catalogue.contains { $0.name == name && $0.kind == .list } }

    /// The environment variables of all settings.
    package static let variables = Set(catalogue.map(\.environmentVariable))
}
