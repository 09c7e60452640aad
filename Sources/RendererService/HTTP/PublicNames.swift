import ServiceRuntime

/// The names under which posts are taken. A page elsewhere whose name leads to this machine for a moment (DNS rebinding) is the
/// same origin as what it talks to, for its browser: only the name in the request tells.
struct PublicNames: Sendable {
    private let names: Set<String>

    init(_ names: [PublicName] = []) { self.names = Set(names.map(\.text)) }

    /// Whether nobody else can have a page there: a name that the operator gave, `localhost`, or an address itself.
    func hold(_ authority: Authority) -> Bool {
        let host = authority.host
        return names.contains(host) || host == "localhost" || NetworkAddress(host.trimming { "[]".contains($0) }) != nil
    }
}
