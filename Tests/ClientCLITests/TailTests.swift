import Messages
import ServiceRuntime
import Testing

@testable import ClientCLI

@Suite struct TailTests {
    private func greeting(_ names: [String], isChosen: Bool, kept: [String]) throws -> String {
        let tail = Tail(
            channels: try names.map { try Channel($0) }, isChosen: isChosen, wanted: nil, json: false, bus: "ipc:///b")
        return tail.greeting(kept: try kept.map { try Channel($0) })
    }

    @Test func tailWithoutAChannel_saysWhichItFollowsAndHowToFollowOthers() throws {
        let alone = "following tweets; --channel NAME follows another channel instead"
        #expect(try greeting(["tweets"], isChosen: false, kept: []) == alone)
        #expect(try greeting(["tweets"], isChosen: false, kept: ["tweets"]) == alone)
        #expect(
            try greeting(["tweets"], isChosen: false, kept: ["tweets", "news", "garden", "news"])
                == alone + " (this node also takes garden, news)")
    }

    @Test func channelsThatWereChosen_needNoAdvice() throws {
        #expect(try greeting(["tweets"], isChosen: true, kept: ["garden"]) == "following tweets")
        #expect(try greeting(["a", "b"], isChosen: true, kept: []) == "following a, b")
    }
}

@Suite struct WaitingTests {
    @Test func waitForANode_isSaidWithItsAddressAndItsEnd() {
        #expect(
            BusOptions.waiting(for: "ipc:///b", timeout: .seconds(5))
                == "p2pmsg: no node answers at ipc:///b; waiting up to 5 s. Is one running? Start one with p2pmsg up\n")
        #expect(BusOptions.waiting(for: "ipc:///b", timeout: nil).contains("; waiting. Is one running?"))
    }
}

@Suite struct VerifyTests {
    private func verify(_ arguments: [String]) throws -> VerifyCommand {
        guard case .command(let command) = try CommandRunner.parse(["verify"] + arguments, environment: [:]),
            let verify = command as? VerifyCommand
        else { throw FailureReport("\(arguments) was not understood") }
        return verify
    }

    @Test func id_isTaken_andMayBeMissing() throws {
        #expect(try verify(["3f2a90", "--json"]).id == .prefix("3f2a90"))
        #expect(try verify(["--timeout", "1s", "--bus", "ipc:///x"]).id == nil)
        #expect(throws: FailureReport.self) { try verify(["nonsense"]) }
    }

    @Test func messageOfANode_isJudgedAsItsJSONIs() throws {
        let message = try Identity.generate(.ed25519).sign("x", channel: .tweets, at: 1_795_374_000_123)
        let verdict = Verdict(on: message)
        #expect(verdict.isValid)
        #expect(verdict.json == (try Verdict(of: Array(message.json(channel: "tweets", receivedAt: 1).utf8)).json))
        #expect(verdict.text.hasPrefix("valid\n") && verdict.text.contains(message.id.hex))
    }
}
