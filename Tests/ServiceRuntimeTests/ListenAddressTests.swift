import ServiceRuntime
import Testing

@Suite struct ListenAddressTests {
    @Test(arguments: [
        ("127.0.0.1:8080", ListenAddress.ip(host: "127.0.0.1", port: 8080)),
        ("[::1]:8080", .ip(host: "::1", port: 8080)),
        ("0.0.0.0:0", .ip(host: "0.0.0.0", port: 0)), ("unix:/run/p2pmsg.sock", .unix(path: "/run/p2pmsg.sock")),
    ])
    func address_isReadAndWrittenBack(text: String, expected: ListenAddress) {
        #expect(ListenAddress(text) == expected)
        #expect(expected.description == text)
    }

    @Test func localhost_isTheLoopbackAddress() {
        #expect(ListenAddress("localhost:80") == .ip(host: "127.0.0.1", port: 80))
    }

    @Test(arguments: [
        "", ":8080", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "::1:8080",
        "[::1]", "[127.0.0.1]:80", "example.org:80", "unix:", "unix:relative", "300.0.0.1:80", "127.0.0.1:000080",
    ])
    func anythingElse_isRefused(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test func unixPath_mayBeAsLongAsTheSystemTakes() {
        let longest = "/" + String(repeating: "a", count: 106)
        #expect(ListenAddress("unix:" + longest) == .unix(path: longest))
        #expect(ListenAddress("unix:" + longest + "a") == nil)
    }
}
