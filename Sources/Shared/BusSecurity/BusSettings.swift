import Messages
import ServiceRuntime
import ZeroMQ

/// The settings about the bus as they were given, and what follows from them. `tcp://` without keys is a mistake, and is
/// said.
package struct BusSettings: Sendable {
    package let bus: String
    package let serviceKey: String?
    package let routerKey: String?
    package let allow: String?
    package let listen: String?
    package let group: String?
    package let roles: [String]
    /// Where keys are looked up by name.
    package let keys: KeyStore

    /// - Parameter keys: the directory; nil: the standard one.
    package init(
        bus: String, serviceKey: String? = nil, routerKey: String? = nil, allow: String? = nil, listen: String? = nil,
        keys: String? = nil, group: String? = nil, roles: [String] = []
    ) {
        self.bus = bus
        self.serviceKey = serviceKey
        self.routerKey = routerKey
        self.allow = allow
        self.listen = listen
        self.group = group
        self.roles = roles
        self.keys = KeyStore(directory: keys ?? KeyStore.standardDirectory(environment: Environment.current))
    }

    /// Whether the bus is on the network.
    package var isTCP: Bool { bus.hasPrefix("tcp://") }

    /// The keys of a process that connects; nil over `ipc://`.
    ///
    /// - Throws: a report of status `usage` that names the setting; of status `failed` for a key that can't be read.
    package func clientKeys() throws(FailureReport) -> BusKeys? {
        try checkEndpoint()
        guard isTCP else { return nil }
        guard let routerKey else { throw missing(.routerKey, "the router's public key") }
        guard let router = CurveKey(routerKey) else {
            throw FailureReport(
                "\(Setting.routerKey.option): it is no public key: 40 characters, as 'p2pmsg key show NAME' prints them "
                    + "at the router (write them between single quotes)", status: .usage)
        }
        return BusKeys(own: try ownPair(), router: router)
    }

    /// What a process that binds needs; nil over `ipc://`.
    ///
    /// - Throws: as ``clientKeys()``; a report with `file:line` for a wrong allow-list.
    package func serverKeys() throws(FailureReport) -> BusGuard? {
        try checkEndpoint()
        guard isTCP else {
            try refuse(.allow, allow)
            return nil
        }
        return BusGuard(
            own: try ownPair(), allowFile: allow, allowed: try allow.map(AllowList.read) ?? .empty)
    }

    /// Who comes in over `ipc://` beside this user; nil: nobody, or it is `tcp://`, where the list of keys says that.
    ///
    /// - Throws: a report of status `usage` that names the setting.
    package func members() throws(FailureReport) -> BusMembers? {
        guard !isTCP else { return nil }
        guard let group else {
            guard roles.isEmpty else {
                throw FailureReport(
                    "\(Setting.busRoles.option) needs \(Setting.busGroup.option): without it nobody else comes in",
                    status: .usage)
            }
            return nil
        }
        let found: SystemGroup
        do throws(FailureReport) { found = try SystemGroup(group) } catch {
            throw FailureReport("\(Setting.busGroup.option): \(error.message)", status: .usage)
        }
        return BusMembers(group: found, roles: roles.isEmpty ? nil : try PeerRoles(roles))
    }

    /// The directory in which a receiver binds over `ipc://`; nil: beside the router.
    ///
    /// - Throws: a report of status `usage`.
    package func listenDirectory() throws(FailureReport) -> String? {
        guard !isTCP, let listen else { return nil }
        guard let directory = IPC.path(of: listen) else {
            throw FailureReport(
                "\(Setting.listen.option) '\(SafeText.line(listen))': with --bus ipc:// it is the directory of this receiver's "
                    + "sockets, as in ipc:///run/p2pmsg-receiver", status: .usage)
        }
        return directory
    }

    /// Where a receiver binds over `tcp://`; nil over `ipc://`.
    ///
    /// - Throws: a report of status `usage`.
    package func listenAddress() throws(FailureReport) -> ReceiverAddress? {
        guard isTCP else { return nil }
        // A directory is for a bus on this machine; units of systemd name one for that.
        guard let listen, !listen.hasPrefix("ipc://") else {
            throw missing(.listen, "the address of this host at which renderers and clients reach this receiver")
        }
        guard let address = ReceiverAddress(listen) else {
            throw FailureReport("\(Setting.listen.option): \(ReceiverAddress.expectation)", status: .usage)
        }
        return address
    }

    private func ownPair() throws(FailureReport) -> CurveKeyPair {
        guard let serviceKey else { throw missing(.serviceKey, "a key pair from 'p2pmsg key new NAME --service'") }
        do throws(KeyError) { return try ServiceKey.load(serviceKey, from: keys) } catch {
            throw FailureReport("\(Setting.serviceKey.option): \(error.message)")
        }
    }

    private func checkEndpoint() throws(FailureReport) {
        do throws(ZeroMQError) { try IPC.validate(bus, curve: true) } catch {
            throw FailureReport("\(Setting.bus.option): \(error.message)", status: .usage)
        }
    }

    private func missing(_ setting: Setting, _ what: String) -> FailureReport {
        FailureReport(
            "--bus \(SafeText.line(bus)): tcp:// carries everything over the network, so it needs \(setting.option), "
                + what, status: .usage)
    }

    /// What would be taken for a protection that isn't there. (Keys alone may stand in a file that serves both.)
    private func refuse(_ setting: Setting, _ value: String?) throws(FailureReport) {
        guard value != nil else { return }
        throw FailureReport(
            "\(setting.option) is for --bus tcp://…; \(SafeText.line(bus)) is guarded by its directory alone",
            status: .usage)
    }
}

/// The address of a host at which a receiver binds: `192.0.2.2`, or `192.0.2.2:42426` to choose the ports.
package struct ReceiverAddress: Sendable, Hashable {
    /// What to say about a text that is none.
    package static let expectation =
        "expected the address that others reach this host at, such as 192.0.2.2 or [2001:db8::2], and if you like a port "
        + "for queries (the feed gets the next one), as in 192.0.2.2:42426"

    /// A literal address; IPv6 has no brackets.
    package let host: String
    /// The port for queries; nil: any two free ones.
    package let port: UInt16?

    /// - Returns: nil for host names, and for `0.0.0.0` and `::`, which nobody can connect to.
    package init?(_ text: String) {
        let withPort = ListenAddress(text)
        guard case .ip(let host, let port)? = withPort ?? ListenAddress(text + ":0") ?? ListenAddress("[\(text)]:0"),
            host != "0.0.0.0", host != "::", withPort == nil || (1..<65_535).contains(port)
        else { return nil }
        self.host = host
        self.port = withPort == nil ? nil : UInt16(port)
    }

    /// For binding; the port may be `*`.
    package var queryEndpoint: String { endpoint(port) }
    /// For binding; the port may be `*`.
    package var feedEndpoint: String { endpoint(port.map { $0 + 1 }) }

    private func endpoint(_ port: UInt16?) -> String {
        "tcp://\(host.contains(Character(":")) ? "[\(host)]" : host):\(port.map { String($0) } ?? "*")"
    }
}
