import Bus
import Messages
import ServiceRuntime
import TestSupport
import Testing
import ZeroMQ

@testable import BusSecurity

@Suite struct BusSettingsTests {
    private let home: TemporaryDirectory
    private let router: CurveKeyPair

    init() throws {
        home = try TemporaryDirectory()
        router = try ServiceKey.generate()
        try KeyStore(directory: home.file("keys")).save(text: ServiceKey.exported(router), as: "own")
    }

    private func settings(
        bus: String = "tcp://192.0.2.1:42425", serviceKey: String? = "own", routerKey: String? = nil,
        allow: String? = nil, listen: String? = nil
    ) -> BusSettings {
        BusSettings(
            bus: bus, serviceKey: serviceKey, routerKey: routerKey, allow: allow, listen: listen,
            keys: home.file("keys"))
    }

    @Test func ipc_takesNoKeys() throws {
        let plain = settings(bus: "ipc:///run/p2pmsg/router.ipc", serviceKey: nil)
        #expect(try plain.clientKeys() == nil)
        #expect(try plain.serverKeys() == nil)
        #expect(try plain.listenAddress() == nil)
        // A file that serves both may name keys.
        #expect(try settings(bus: "ipc:///run/router.ipc", routerKey: "x").clientKeys() == nil)
        let error = #expect(throws: FailureReport.self) {
            _ = try settings(bus: "ipc:///r.ipc", allow: "x").serverKeys()
        }
        #expect(error?.message.contains(" is for --bus tcp://…; ipc:///r.ipc is guarded") == true)
        #expect(error?.status == .usage)
    }

    @Test func tcp_namesTheSettingThatIsMissing() throws {
        func message(_ body: () throws -> Void) -> String {
            do { try body() } catch let error as FailureReport { return error.message } catch {}
            return ""
        }
        #expect(message { _ = try settings().clientKeys() }.contains("needs --router-key"))
        let key = router.publicKey.description
        #expect(
            message { _ = try settings(serviceKey: nil, routerKey: key).clientKeys() }.contains("needs --service-key"))
        #expect(message { _ = try settings(serviceKey: nil).serverKeys() }.contains("needs --service-key"))
        #expect(message { _ = try settings().listenAddress() }.contains("needs --listen"))
        #expect(
            message { _ = try settings(routerKey: "short").clientKeys() }.hasPrefix("--router-key: it is no public key")
        )
        #expect(message { _ = try settings(bus: "tcp://host").serverKeys() }.contains("has a host and a port"))
        #expect(
            message { _ = try settings(serviceKey: "nobody").serverKeys() }
                .hasPrefix("--service-key: there is no key nobody in"))
    }

    @Test func tcp_withEverything_givesKeys() throws {
        let keys = try #require(try settings(routerKey: router.publicKey.description).clientKeys())
        #expect(keys.own == router)
        let friend = try CurveKeyPair.generate().publicKey
        let allow = try home.write("client \(friend) friend\n", to: "allow")
        let entry = try #require(try settings(allow: allow).serverKeys())
        #expect(entry.allowed.users[friend] == CurveUser(role: "client", name: "friend"))
        try home.write("", to: "allow")
        #expect(try entry.reread().allowed == .empty)
        try home.write("client\n", to: "allow")
        #expect(throws: FailureReport.self) { try entry.reread() }
    }

    /// Nobody is the default.
    @Test func tcp_withoutAllowList_allowsNobody() throws {
        #expect(try settings().serverKeys()?.allowed == .empty)
    }

    @Test(arguments: [
        ("192.0.2.2", "tcp://192.0.2.2:*", "tcp://192.0.2.2:*"),
        ("192.0.2.2:500", "tcp://192.0.2.2:500", "tcp://192.0.2.2:501"),
        ("[2001:db8::2]:500", "tcp://[2001:db8::2]:500", "tcp://[2001:db8::2]:501"),
        ("2001:db8::2", "tcp://[2001:db8::2]:*", "tcp://[2001:db8::2]:*"),
    ])
    func receiverAddress_givesTwoEndpoints(text: String, query: String, feed: String) throws {
        let address = try #require(ReceiverAddress(text))
        #expect(address.queryEndpoint == query)
        #expect(address.feedEndpoint == feed)
        try IPC.validate(query, curve: true)
    }

    @Test(arguments: ["0.0.0.0", "::", "[::]:5", "host", "", "192.0.2.2:65535", "192.0.2.2:0", "unix:/x", "192.0.2"])
    func receiverAddress_thatNobodyCanConnectTo_isNone(text: String) {
        #expect(ReceiverAddress(text) == nil)
    }

    @Test func roles_keepToTheirWork() throws {
        let unique = UniqueID("00000000-0000-4000-8000-000000000001")
        let receiver = ReceiverID(try #require(unique))
        let hello = BusMessage.hello(
            Hello(
                receiver: receiver, store: StoreID(receiver.id), queryEndpoint: "", feedEndpoint: "", channels: [],
                credit: 1, version: ""))
        for message in [hello, .acks([]), .receiverBeat(receiver), .goodbye(receiver)] {
            #expect(BusRole.receiver.maySend(message))
            #expect(!BusRole.client.maySend(message))
            #expect(!BusRole.renderer.maySend(message))
        }
        for message in [BusMessage.follow(RequestID(1), ends: []), .unfollow(RequestID(1))] {
            #expect(!BusRole.receiver.maySend(message) && !BusRole.renderer.maySend(message))
            #expect(BusRole.client.maySend(message))
        }
        for message in [
            BusMessage.control(RequestID(1), .copy(.begin)), .deadLettersRequest(RequestID(1), redeliver: false),
        ] {
            #expect(BusRole.client.maySend(message))
            #expect(!BusRole.renderer.maySend(message), "whoever finds a hole in the page may not change stores")
            #expect(!BusRole.receiver.maySend(message))
        }
        for role in BusRole.allCases { #expect(role.maySend(.directoryRequest(RequestID(1)))) }
    }
}
