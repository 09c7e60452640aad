import Bus
import BusClient
import BusSecurity
import Foundation
import Messages
import TestSupport
import Testing
import ZeroMQ

extension SystemTests {
    /// The bus on `tcp://`: who has a key comes in, and does what its role may.
    @Suite("The bus on the network", .timeLimit(.minutes(3)))
    struct NetworkTests {
        @Test func message_fromOneWhoMay_isStoredAndOnThePage() async throws {
            let node = try await NetworkNode.start()
            let sent = try await node.cli(["send", "over the network", "--json"])
            #expect(sent.status == 0, "\(sent.errorText)")
            #expect(try sent.json().first?["stored"].array?.count == 1)
            try await eventually("it is on the page", within: .seconds(5)) {
                try await node.page.get("/tweets").body.contains("over the network")
            }
            let listed = try await node.cli(["list", "--json"])
            #expect(try listed.json().first?["message"].string == "over the network")
        }

        @Test func keyThatIsNotOnTheList_isToldSo_andTheListIsReadAgainOnSIGHUP() async throws {
            let node = try await NetworkNode.start(more: ["bob"])
            let refused = try await node.cli(["send", "no"], as: "bob")
            #expect(refused.status == 1)
            #expect(refused.errorText.contains("does not allow our key"))
            #expect(refused.duration < .seconds(4), "nobody waits for a person's change")
            #expect(try await node.counter("bus_keys_refused") >= 1)

            let all = [("receiver", "store"), ("renderer", "page"), ("client", "alice"), ("client", "bob")]
            try node.network.allow(all, in: "router.allow")
            node.router.signal(SIGHUP)
            _ = try await node.router.standardError.line(matching: "read again.*kept", within: .seconds(5))
            #expect(try await node.cli(["send", "yes"], as: "bob").status == 0)
            // The receiver has a list of its own.
            #expect(try await node.cli(["list"], as: "bob").status == 1)
            try node.network.allow(all, in: "receiver.allow")
            node.receiver.signal(SIGHUP)
            _ = try await node.receiver.standardError.line(matching: "read again.*kept", within: .seconds(5))
            #expect(try await node.cli(["list"], as: "bob").status == 0)

            try node.network.allow(all.dropLast(), in: "router.allow")
            node.router.signal(SIGHUP)
            _ = try await node.router.standardError.line(matching: "read again.*ended", within: .seconds(5))
            #expect(try await node.cli(["send", "no more"], as: "bob").status == 1)
            let sent = try await node.cli(["send", "still here", "--timeout", "10s"])
            #expect(sent.status == 0, "\(sent.errorText)")

            try node.site.directory.write("client nonsense", to: "router.allow")
            node.router.signal(SIGHUP)
            let line = try await node.router.standardError.line(matching: "stays as it was", within: .seconds(5))
            #expect(line.contains("router.allow:1:"))
            #expect(try await node.cli(["send", "as before", "--timeout", "10s"]).status == 0)
        }

        @Test func operatorsCommands_areForClientsOnly() async throws {
            let node = try await NetworkNode.start()
            let sent = try await node.cli(["send", "to be hidden", "--json"])
            let id = try #require(try sent.json().first?["id"].string)
            // The page's own key: whoever finds a hole in the page may not change stores with it.
            for command in [["hide", id], ["dead"]] {
                let refused = try await node.cli(command, as: "page")
                #expect(refused.status != 0, "\(command)")
                #expect(refused.errorText.contains("renderer"), "\(refused.errorText)")
            }
            #expect(try await node.cli(["list"]).lines.count > 0)
            try await node.cli(["hide", id]).mustSucceed()
            #expect(try await node.cli(["list"]).lines.isEmpty)
        }

        @Test func wrongRouterKey_getsNothing() async throws {
            let node = try await NetworkNode.start()
            let failed = try await node.cli(["send", "no", "--timeout", "2s"], router: "alice")
            #expect(failed.status == 4)
            #expect(failed.errorText.contains("--router-key"))
            #expect(try await node.counter("bus_handshakes_failed") >= 1)
        }

        @Test func client_thatPassesForAReceiver_isRefusedAndCounted() async throws {
            let node = try await NetworkNode.start()
            try await node.cli(["send", "before"]).mustSucceed()
            let keys = try node.network.keys(of: "alice")
            let store = try #require(StoreID("00000000-0000-4000-8000-000000000001"))
            let hello = Hello(
                receiver: ReceiverID(store.id), store: store, queryEndpoint: "tcp://127.0.0.1:1",
                feedEndpoint: "tcp://127.0.0.1:2", channels: [.tweets], credit: 100, version: "x",
                key: keys.own.publicKey.description)
            let answers = Mailbox<BusMessage?>()
            let loop = try Loop(name: "impostor")
            try await loop.run { [bus = node.bus] context in
                var options = SocketOptions()
                options.curve = keys.toRouter
                let socket = try context.socket(.dealer, options)
                socket.onReceive = { answers.append(try? BusMessage.decode($0)) }
                try socket.connect(bus)
                socket.whenWritable { [unowned socket] in
                    socket.send(BusMessage.hello(hello).frames())
                    socket.send(BusMessage.acks([Ack(id: DeliveryID(1), outcome: .stored)]).frames())
                }
            }
            let answer = await answers.first(within: .seconds(5))?.element ?? nil
            guard case .problem(_, "not_allowed", let text)? = answer else {
                Issue.record("not a refusal: \(String(describing: answer))")
                return
            }
            #expect(text.contains("client"))
            #expect(await answers.first(from: 1, within: .seconds(5)) != nil)
            #expect(try await node.counter("bus_not_allowed") == 2)
            let status = try await node.cli(["status", "--json"])
            #expect(try status.json().first?["stores"].array?.count == 1, "no store of the impostor")
            await loop.shutdown()
        }

        @Test func serviceKey_isListedShownExportedAndImported() async throws {
            let network = try await NetworkSite.make(["router"])
            let (site, key) = (network.site, network.publicKey("router"))
            try await site.run(Binaries.client, ["key", "new", "me"]).mustSucceed()
            let listed = try await site.run(Binaries.client, ["key", "list", "--json"])
            #expect(try listed.json().map { $0["scheme"].string } == ["ed25519", "service"])
            let shown = try await site.run(Binaries.client, ["key", "show", "router"])
            #expect(shown.text == key)
            let exported = try await site.run(Binaries.client, ["key", "export", "router"])
            #expect(exported.lines.first == "p2pmsg-key 1 service")
            #expect(!exported.text.contains(key))
            let imported = try await site.run(
                Binaries.client, ["key", "import", "copy"], input: Array((exported.text + "\n").utf8))
            #expect(imported.text == "copy  service  \(key)")
            let again = try await site.run(Binaries.client, ["key", "new", "router", "--service"])
            #expect(again.status == 1)
            #expect(again.errorText.contains("there is a key router"))
            let signed = try await site.run(Binaries.client, ["send", "x", "--key", "router"])
            #expect(signed.status == 1, "a service is nobody's identity")
        }

        @Test func processWithoutDescriptors_saysSo() async throws {
            let site = try TestSite()
            let process = try TestProcess(
                "/bin/sh", ["-c", "ulimit -n 16; exec \"$@\"", "sh", try Binaries.path(Binaries.client), "status"],
                environment: site.environment)
            #expect(try await process.waitForExit(within: .seconds(10)) == .status(1))
            #expect(
                await process.standardError.first(within: .seconds(5)) { $0.contains("Too many open files") } != nil)
        }

        @Test func tcp_withoutKeys_isAnErrorThatSaysWhatIsMissing() async throws {
            let site = try TestSite()
            for (program, missing) in [
                (Binaries.router, "--service-key"), (Binaries.receiver, "--listen"),
                (Binaries.renderer, "--router-key"),
            ] {
                let output = try await site.run(program, ["--bus", "tcp://127.0.0.1:1"])
                #expect(output.status == 2, "\(program)")
                #expect(output.errorText.contains("needs \(missing)"), "\(output.errorText)")
            }
            let up = try await site.run(Binaries.client, ["up", "--bus", "tcp://127.0.0.1:1"])
            #expect(up.status == 2)
            #expect(up.errorText.contains("one machine"))
            let sent = try await site.run(Binaries.client, ["send", "x", "--bus", "tcp://127.0.0.1:1"])
            #expect(sent.status == 2, "\(sent.errorText)")
        }
    }
}

extension TestSite.Output {
    /// Setting the scene must work before the test can begin.
    func mustSucceed() throws {
        guard status == 0 else { throw NotInTime("status \(status): \(errorText)") }
    }
}
