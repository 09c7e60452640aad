import ServiceRuntime
import Testing

@testable import RendererService

@Suite struct AddressTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("127.0.0.1", "127.0.0.1", true),
        ("127.0.0.1", "127.0.0.2", false), ("192.168.4.0/22", "192.168.7.255", true),
        ("192.168.4.0/22", "192.168.8.0", false), ("0.0.0.0/0", "1.2.3.4", true), ("0.0.0.0/0", "::1", false),
        ("::/0", "::1", true), ("fd00::/8", "fdff::1", true), ("2001:db8::/33", "2001:db8:8000::", false),
        ("10.0.0.0/8", "::ffff:10.0.0.1", true),
    ])
    func aNetwork_containsItsAddresses(network: String, address: String, isInside: Bool) throws {
        #expect(try #require(Network(network)).contains(try #require(NetworkAddress(address))) == isInside)
    }

    @Test(arguments: [
        "", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "::/129", "::1/", "wall/8", "10.0.0.0/08", "1.2.3.4/8/8",
    ])
    func aNetwork_whenMalformed_isRefused(text: String) {
        #expect(Network(text) == nil)
    }

    @Test(arguments: [("/", ""), ("/wall", "/wall"), ("/wall/", "/wall"), ("/a/b-c", "/a/b-c")])
    func aBasePath_isKeptWithoutItsLastSlash(text: String, path: String) {
        #expect(BasePath(text)?.description == path)
    }

    @Test(arguments: ["", "wall", "//", "/a//b", "/a/../b", "/ä", "/a b", "/a\"b"])
    func aBasePath_whenMalformed_isRefused(text: String) {
        #expect(BasePath(text) == nil)
    }

    @Test(arguments: ["a:0", "a:65536", "a:", ":80", "a b", "", "[::1", "a/b", "a:+80", "user@host"])
    func anAuthority_whenMalformed_isRefused(text: String) {
        #expect(Authority(text) == nil)
    }

    @Test func anEventID_isReadAsItIsWritten() throws {
        let id = EventID(store: ModelWall.newStore(), position: 17)
        #expect(EventID(id.description) == id)
        for text in [
            "", ":", "\(id.store):", "\(id.store):+1", "\(id.store):-1", "x:1", "\(id.store):99999999999999999999999",
            "\(id.store)",
        ] {
            #expect(EventID(text) == nil, "\(text)")
        }
    }

    @Test(arguments: [
        ("for=192.0.2.60;proto=http;by=203.0.113.43", [["192.0.2.60", "", "http"]]),
        (
            "For=\"[2001:db8:cafe::17]:4711\" ; Host=\"a.example:80\"",
            [["[2001:db8:cafe::17]:4711", "a.example:80", ""]]
        ),
        (
            "for=192.0.2.43, for=unknown,, for=\"_hi,d;den\"",
            [["192.0.2.43", "", ""], ["unknown", "", ""], ["_hi,d;den", "", ""]]
        ),
        ("for=1.2.3.4;host=\"a\\\"b\"", [["1.2.3.4", "a\"b", ""]]),
        // What is malformed names nobody.
        ("for=1.2.3.4;host=\"x", [["", "", ""]]), ("for=", [["", "", ""]]), ("for", [["", "", ""]]), ("", []),
        ("for=\"1.2.3.4", [["", "", ""]]), ("for=1.2.3.4\"", [["", "", ""]]), ("for=\"\"", [["", "", ""]]),
    ])
    func forwarded_isReadAsItsStandardSays(_ value: String, _ hops: [[String]]) {
        #expect(Forwarded([value]).hops.map { [$0.visitor ?? "", $0.host ?? "", $0.scheme ?? ""] } == hops)
    }

    @Test func aForm_isReadAsBrowsersWriteIt() throws {
        let form = try FormFields("a=1+2%2B&b=%E2%82%AC&a=second&c&=x".utf8)
        #expect(form["a"] == "1 2+" && form["b"] == "€" && form["c"] == "" && form["d"] == nil)
        #expect(throws: FormFields.Failure.notUTF8) { try FormFields("a=%C3%28".utf8) }
        #expect(throws: FormFields.Failure.notUTF8) { try FormFields("a=%4".utf8) }
        #expect(throws: FormFields.Failure.tooMany) { try FormFields(String(repeating: "a=1&", count: 40).utf8) }
    }
}
