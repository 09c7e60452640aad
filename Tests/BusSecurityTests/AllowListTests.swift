import ServiceRuntime
import TestSupport
import Testing
import ZeroMQ

@testable import BusSecurity

@Suite struct AllowListTests {
    private let alice = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
    private let store = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"

    private func failure(_ text: String) -> String? {
        do { _ = try AllowList(text, path: "allow") } catch {
            #expect(error.status == .usage)
            return error.message
        }
        return nil
    }

    @Test func lines_sayWhoAKeyIs() throws {
        let list = try AllowList(
            "# who may\r\n\n  receiver\t\(store)  store-2\nclient \(alice) alice # until June\n", path: "allow")
        #expect(list.users.count == 2)
        #expect(list.users[try #require(CurveKey(store))] == CurveUser(role: "receiver", name: "store-2"))
        #expect(list.users[try #require(CurveKey(alice))] == CurveUser(role: "client", name: "alice"))
    }

    @Test func keyWithTheCommentSign_isAKey() throws {
        let key = try #require(CurveKey("0####" + String(repeating: "0", count: 35)))
        #expect(try AllowList("client \(key) alice", path: "allow").users.keys.first == key)
    }

    @Test func emptyFile_allowsNobody() throws {
        #expect(try AllowList("", path: "allow") == .empty)
        #expect(try AllowList("# nobody\n", path: "allow").users.isEmpty)
    }

    @Test func everyMistake_isNamedWithItsLine() {
        let key = alice
        #expect(failure("# x\nboss \(key) alice")?.hasPrefix("allow:2: there is no role 'boss'; the roles are") == true)
        #expect(failure("client \(key)")?.hasPrefix("allow:1: a line has a role") == true)
        #expect(failure("client \(key) alice smith")?.hasPrefix("allow:1: a line has a role") == true)
        #expect(
            failure("client \(key.dropLast()) alice")?.hasPrefix("allow:1: the second word is no public key") == true)
        #expect(failure("client ~\(key.dropFirst()) alice")?.hasPrefix("allow:1: the second word") == true)
        #expect(failure("client \(key) al/ice")?.hasPrefix("allow:1: a name is") == true)
        let long = String(repeating: "n", count: 65)
        #expect(failure("client \(key) \(long)")?.hasPrefix("allow:1: a name is") == true)
        #expect(failure("client \(key) a\n\nrenderer \(key) b") == "allow:3: this key is on line 1 already")
    }

    @Test func file_thatIsNotThere_isNamed() throws {
        let error = #expect(throws: FailureReport.self) { try AllowList.read("/nowhere/allow") }
        #expect(error?.message == "cannot read the allow-list /nowhere/allow: No such file or directory")
    }

    @Test func losing_isARemovedKeyOrAnotherRole_notAnAddedOne() throws {
        let both = try AllowList("client \(alice) a\nreceiver \(store) s", path: "")
        let one = try AllowList("client \(alice) a", path: "")
        let other = try AllowList("renderer \(alice) a\nreceiver \(store) s", path: "")
        let renamed = try AllowList("client \(alice) b", path: "")
        #expect(both.hasLost(in: one))
        #expect(both.hasLost(in: other))
        #expect(!one.hasLost(in: both))
        #expect(!one.hasLost(in: renamed))
    }
}
