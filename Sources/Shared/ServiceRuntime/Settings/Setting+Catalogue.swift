/// Every setting that any p2pmsg command knows. Commands name theirs from here, so that one configuration file
/// can serve several commands and a typo is told from a setting of another command.
extension Setting {
    package static let config = Setting("config", "Read settings from this file (lines of name = value).")

    // The bus and the mesh.
    package static let bus = Setting("bus", "The router's bus, ipc://PATH or tcp://HOST:PORT.")
    package static let serviceKey = Setting(
        "service-key", "With --bus tcp://: the key pair of this process, a name in the key directory or a file's path.")
    package static let routerKey = Setting("router-key", "With --bus tcp://: the router's public key.")
    package static let allow = Setting(
        "allow", "With --bus tcp://: the file with the keys that may connect, lines of: role public-key name.")
    package static let listen = Setting(
        "listen",
        "Where renderers and clients reach this receiver: with --bus tcp:// this host's ADDRESS or ADDRESS:PORT, else a "
            + "directory, ipc:///DIRECTORY.")
    package static let busGroup = Setting(
        "bus-group", "With --bus ipc://: let the members of this group reach the sockets, not only their owner.")
    package static let busRoles = Setting(
        "bus-role",
        "With --bus-group: what a user may do on the bus, ROLE=USER or ROLE=@GROUP; roles: receiver, renderer, client, "
            + "none (repeatable; default: everybody everything).", .list)
    package static let udp = Setting("udp", "Listen for the mesh here, IP:PORT.")
    package static let seeds = Setting(
        "seed", "A node of the mesh to join, HOST:PORT (repeatable; none: this node is a seed).", .list)
    package static let advertise = Setting("advertise", "The address that others reach this node at, IP:PORT.")
    package static let state = Setting(
        "state",
        "Keep the addresses of nodes that answered in this file, to find the mesh again after a restart, and this "
            + "node's stores beside it, to wait for them then; or off.")
    package static let ops = Setting("ops", "Serve /livez, /readyz and /metrics here, ADDRESS:PORT (default: off).")
    package static let logLevel = Setting(
        "log-level", "Log from this level on: trace, debug, info, notice, warning, error or critical (default: notice)."
    )
    package static let logFormat = Setting("log-format", "How lines of the log look, text or json (default: text).")

    // Receiver and renderer.
    package static let store = Setting("store", "The store's SQLite file.")
    package static let channels = Setting(
        "channels",
        "Take this channel besides tweets, by name (repeatable; all receivers of a node take what one was given).",
        .list, option: "--channel")
    package static let keep = Setting(
        "keep",
        "Keep messages so long (90d) or so much of them (2GB), perhaps of one channel (tweets=30d; repeatable; "
            + "default: everything for ever).", .list)
    package static let keyRate = Setting(
        "key-rate",
        "Messages a second, and at once, that one author may send through the mesh, or off (default: 20/4000).")
    package static let sourceRate = Setting(
        "source-rate", "Messages a second, and at once, that one peer may hand over, or off (default: 1000/10000).")
    package static let keepStrangers = Setting(
        "keep-strangers",
        "Of authors who are new here keep so much together (500MB, 2GB), or none for no bound (default: 1GB).")
    package static let strangerRate = Setting(
        "stranger-rate",
        "Messages a second of all authors together who are new here, and at once of one of them, or off (default: "
            + "200/20).")
    package static let scheme2011 = Setting(
        "scheme-2011", "Take messages with 2011 signatures, which anybody can forge: on or off (default: on).")
    package static let allowedKeys = Setting(
        "allow-keys", "Take messages of the keys in this file only (read again on SIGHUP).")
    package static let deniedKeys = Setting(
        "deny-keys", "Refuse messages of the keys in this file (read again on SIGHUP).")
    /// What `--scheme-2011 off` was called before.
    package static let refuse2011 = Setting("refuse-2011", "The same as --scheme-2011 off.", .flag)
    package static let http = Setting("http", "Serve the wall here, ADDRESS:PORT or unix:/path.")
    package static let basePath = Setting("base-path", "The path that the reverse proxy serves the wall under.")
    package static let trustedProxies = Setting(
        "trusted-proxy", "Believe forwarding headers from this network, CIDR (repeatable).", .list)
    package static let publicNames = Setting(
        "public-name",
        "Take posts under this name of the wall, as wall.example.org (repeatable; addresses and localhost need none).",
        .list)
    package static let post = Setting(
        "post", "Who signs what visitors write: node (where the browser cannot), browser, or off for reading only.")
    package static let visitorRate = Setting(
        "visitor-rate",
        "Messages a second, and at once (without /: 10 times as many), that one visitor may write, or off (default: "
            + "0.2/30).")
    package static let title = Setting("title", "What the node is called on its pages.")
    package static let contact = Setting(
        "contact", "Where its operator is reached: a mail or web address, shown on every page.")
    package static let rules = Setting(
        "rules", "Show the text of this file as the rules of the node (read at the start).")
    package static let keys = Setting("keys", "The directory of the key files.")

    // The command p2pmsg.
    package static let data = Setting("data", "The directory of this node's data.")
    package static let receivers = Setting("receivers", "How many receivers to run.")
    package static let channel = Setting("channel", "The channel, by name.")
    package static let followed = Setting("channel", "A channel, by name (repeatable).", .list)
    package static let key = Setting("key", "Sign with the identity of this name.")
    package static let acks = Setting("acks", "How many stores must have committed the message.")
    package static let timeout = Setting("timeout", "How long to wait for an answer (5s, 300ms, 2m).")
    package static let json = Setting("json", "Print JSON, one object a line.", .flag)
    package static let lines = Setting("lines", "Send one message for each line of standard input.", .flag)
    package static let scheme = Setting("scheme", "The signature scheme, ed25519 or 2011.")
    package static let service = Setting("service", "A key pair for a process on --bus tcp://, not an identity.", .flag)
    package static let count = Setting("count", "Stop after this many messages.")
    package static let wait = Setting("wait", "Stop after this time (10s, 2m).")
    package static let limit = Setting("limit", "Print at most this many messages.")
    package static let before = Setting(
        "before", "Only messages before: cursor, ISO-8601 time, milliseconds, or 2h ago as 2h.")
    package static let since = Setting(
        "since", "Only messages since: cursor, ISO-8601 time, milliseconds, or 2h ago as 2h.")
    package static let storeID = Setting("store-id", "Only this store (default: all that are here).")
    package static let reason = Setting("reason", "Why, for other operators.")
    package static let list = Setting("list", "List what is in force.", .flag)
    package static let redeliver = Setting("redeliver", "Put them back into the queues of their stores.", .flag)
    package static let author = Setting("author", "Only messages of this author: a key, its first digits, or a name.")

    // The simulator.
    package static let nodes = Setting("nodes", "How many routers the simulated mesh has.")
    package static let loss = Setting("loss", "So many percent of all datagrams get lost.")
    package static let deadPercent = Setting("dead", "So many percent die without notice when the measurement begins.")
    package static let churn = Setting(
        "churn", "Routers leave, and others come, after sessions of this median in minutes (0: all stay).")
    package static let attackers = Setting(
        "attackers", "So many percent of the routers work together against the others.")
    package static let publishers = Setting(
        "publishers", "Routers that publish, a message every 10 s each (default: 5).")
    package static let subscribers = Setting("subscribers", "Routers that listen to what is published (default: 50).")
    package static let minutes = Setting("minutes", "Measure for so many simulated minutes.")

    /// Known names with the widest kind that any command gives them.
    static let catalogue: [Setting] = [
        bus, serviceKey, routerKey, allow, listen, busGroup, busRoles, udp, seeds, advertise, state, ops, logLevel,
        logFormat, store, channels, keep, keepStrangers, strangerRate, keyRate, sourceRate, allowedKeys, deniedKeys,
        scheme2011, refuse2011, http, basePath, trustedProxies, publicNames, post, visitorRate, title, contact, rules,
        keys,
        data, receivers, followed, key, acks, timeout, json, lines, scheme, service, count, wait, limit, before, since,
        author, storeID, reason, list, redeliver,
        nodes, loss, deadPercent, churn, attackers, publishers, subscribers, minutes,
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
    package static let variables = Set(catalogue.flatMap { [$0.environmentVariable, $0.defaultVariable] })
}
