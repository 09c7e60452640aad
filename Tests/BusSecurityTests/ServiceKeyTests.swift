import Glibc
import Messages
import TestSupport
import Testing
import ZeroMQ

@testable import BusSecurity

@Suite struct ServiceKeyTests {
    private let home: TemporaryDirectory
    private let store: KeyStore

    init() throws {
        home = try TemporaryDirectory()
        store = KeyStore(directory: home.file("keys"))
    }

    @Test func pair_survivesItsFile() throws {
        let pair = try ServiceKey.generate()
        try store.save(text: ServiceKey.exported(pair), as: "router")
        #expect(try ServiceKey.load("router", from: store) == pair)
        #expect(try ServiceKey.load(store.path(of: "router"), from: KeyStore(directory: "/nowhere")) == pair)
        var status = stat()
        #expect(stat(try store.path(of: "router"), &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }

    @Test func publicKey_beginsWithALetterOrDigit() throws {
        for _ in 0..<100 {
            let first = try #require(try ServiceKey.generate().publicKey.description.first)
            #expect(first.isLetter || first.isNumber)
        }
    }

    @Test func file_thatOthersCanRead_isRefusedByNameAndByPath() throws {
        try store.save(text: ServiceKey.exported(try .generate()), as: "router")
        let path = try store.path(of: "router")
        #expect(chmod(path, 0o644) == 0)
        for name in ["router", path] {
            let error = #expect(throws: KeyError.self) { try ServiceKey.load(name, from: store) }
            #expect(error?.code == .exposed)
            #expect(error?.message.hasSuffix("run: chmod 600 \(path)") == true)
        }
    }

    @Test func otherTexts_areNoServiceKey_andAreNotRepeated() throws {
        let identity = Identity.generate(.ed25519)
        let secret = String(repeating: "s", count: 39)
        for text in ["", identity.exported, "p2pmsg-key 1 service\n\(secret)\n", "p2pmsg-key 1 service\n"] {
            let error = #expect(throws: KeyError.self) { try ServiceKey.imported(text) }
            #expect(error?.code == .malformed)
            #expect(error?.message.contains(secret) == false)
        }
        #expect(!ServiceKey.isServiceKey(identity.exported))
        try store.save(identity, as: "me")
        let error = #expect(throws: KeyError.self) { try ServiceKey.load("me", from: store) }
        #expect(error?.message.hasPrefix("\(store.directory)/me: it is no service key") == true)
    }

    @Test func descriptions_hideTheSecret() throws {
        let pair = try CurveKeyPair.generate()
        let keys = BusKeys(own: pair, router: pair.publicKey)
        for text in ["\(pair)", String(reflecting: pair), "\(keys)", String(reflecting: keys), "\(keys.toRouter)"] {
            #expect(!text.contains(pair.exportedSecret), "\(text)")
        }
        var dumped = ""
        dump(keys, to: &dumped)
        #expect(!dumped.contains("secret"))
    }
}
