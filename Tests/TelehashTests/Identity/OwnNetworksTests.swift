import Telehash
import TelehashWire
import Testing

@Suite("Addresses of own networks")
struct OwnNetworksTests {
    private func interface(_ text: String, _ length: Int, broadcast: String? = nil) -> OwnNetworks.Interface {
        OwnNetworks.Interface(
            address: address(text), prefixLength: length, broadcast: broadcast.map(address))
    }

    private func address(_ text: String) -> Endpoint.Address { endpoint(text).address }

    private func endpoint(_ text: String) -> Endpoint {
        guard let endpoint = Endpoint(text.contains(":") ? "[\(text)]:42424" : "\(text):42424") else {
            preconditionFailure("'\(text)' is no address")
        }
        return endpoint
    }

    @Test(
        "the first and the last address of a network are nobody's",
        arguments: [
            ("192.168.7.20", 24, ["192.168.7.0", "192.168.7.255"], ["192.168.7.1", "192.168.8.255", "192.168.7.20"]),
            ("10.1.2.3", 8, ["10.0.0.0", "10.255.255.255"], ["10.1.2.255", "10.1.2.0"]),
            ("10.199.7.129", 25, ["10.199.7.128", "10.199.7.255"], ["10.199.7.0", "10.199.7.127"]),
            ("203.0.113.9", 30, ["203.0.113.8", "203.0.113.11"], ["203.0.113.10"]),
            ("203.0.113.9", 31, [], ["203.0.113.8", "203.0.113.9"]),
            ("203.0.113.9", 32, [], ["203.0.113.9"]),
            ("127.0.0.1", 8, ["127.255.255.255", "127.0.0.0"], ["127.0.0.1", "127.0.0.255"]),
            ("2001:db8:1:2::7", 64, ["2001:db8:1:2::"], ["2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1::"]),
            ("2001:db8::7", 48, ["2001:db8::"], ["2001:db8:0:1::"]),
            ("2001:db8::7:7", 112, ["2001:db8::7:0"], ["2001:db8::7:1", "2001:db8::"]),
            ("2001:db8::6", 127, [], ["2001:db8::6", "2001:db8::7"]),
            ("0.0.0.0", 0, [], ["1.2.3.4"]),
        ] as [(String, Int, [String], [String])])
    func crowds(_ text: String, _ length: Int, _ crowds: [String], _ peers: [String]) {
        let networks = OwnNetworks([interface(text, length)])
        for crowd in crowds { #expect(networks.isCrowd(endpoint(crowd)), "\(crowd)") }
        for peer in peers { #expect(!networks.isCrowd(endpoint(peer)), "\(peer)") }
    }

    @Test("a broadcast address that somebody chose counts, the other end of a link does not")
    func chosenBroadcast() {
        let networks = OwnNetworks([
            interface("10.0.0.5", 24, broadcast: "10.0.0.77"), interface("10.9.9.1", 32, broadcast: "10.9.9.2"),
        ])
        #expect(networks.isCrowd(endpoint("10.0.0.77")))
        #expect(!networks.isCrowd(endpoint("10.9.9.2")))
    }
}
