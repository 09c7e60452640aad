import Bus
import Glibc
import ServiceRuntime
import Testing
import ZeroMQ

@testable import BusSecurity

@Suite struct BusMembersTests {
    private let group = "\(getegid())"

    private func settings(
        bus: String = "ipc:///run/p2pmsg/router.ipc", group: String? = nil, roles: [String] = [], listen: String? = nil
    ) -> BusSettings {
        BusSettings(bus: bus, listen: listen, group: group, roles: roles)
    }

    private func message(_ body: () throws -> Void) -> String {
        do { try body() } catch let error as FailureReport { return error.message } catch {}
        return ""
    }

    @Test func nobodyBesideTheOwner_isTheDefault() throws {
        #expect(try settings().members() == nil)
        let members = try #require(try settings(group: group).members())
        #expect(members.group.id == getegid() && members.roles == nil)
        var options = SocketOptions()
        members.apply(to: &options)
        #expect(options.ipcGroup == getegid())
    }

    @Test func whatIsWrong_isNamed() throws {
        #expect(
            message { _ = try settings(group: "no-such-group").members() }.hasPrefix("--bus-group: there is no group"))
        #expect(message { _ = try settings(roles: ["client=root"]).members() }.contains("--bus-role needs --bus-group"))
        // A unit that serves both may name the group.
        #expect(try settings(bus: "tcp://h:1", group: "no-such-group").members() == nil)
        for wrong in ["client", "client=", "king=root", "=root", ""] {
            #expect(message { _ = try PeerRoles([wrong]) }.hasPrefix("--bus-role '\(wrong)': write a role"))
        }
        #expect(message { _ = try PeerRoles(["client=no-such-user"]) }.contains("there is no user 'no-such-user'"))
        #expect(message { _ = try PeerRoles(["client=@no-such-group"]) }.contains("there is no group 'no-such-group'"))
    }

    @Test func user_hasTheRoleOfItsName_thenOfItsGroup_elseNone() throws {
        // Of the group `nogroup` or `root`, whatever is `nobody` of here.
        let nobody = try SystemUsers.id(of: "nobody")
        let roles = try PeerRoles(["renderer=40001", "none=40002", "receiver=40003", "client=@root"])
        #expect(roles.user(40_001)?.role == BusRole.renderer.rawValue)
        #expect(roles.user(40_002) == nil)
        #expect(roles.user(40_003)?.role == BusRole.receiver.rawValue)
        #expect(roles.user(40_004) == nil)
        #expect(roles.user(nobody) == nil)
        #expect(roles.user(0)?.role == BusRole.client.rawValue)
        #expect(try PeerRoles([]).user(0)?.role == BusRole.client.rawValue)
    }

    /// Who is taken out by name stays out, whatever groups it is in.
    @Test func none_countsBeforeAGroup() throws {
        let daemon = try SystemUsers.id(of: "daemon")
        #expect(try PeerRoles(["client=@daemon"]).user(daemon)?.role == BusRole.client.rawValue)
        #expect(try PeerRoles(["client=@daemon", "none=daemon"]).user(daemon) == nil)
        #expect(try PeerRoles(["none=@daemon", "client=@daemon"]).user(daemon) == nil)
    }

    @Test func listen_overIpc_isADirectory() throws {
        #expect(try settings().listenDirectory() == nil)
        #expect(try settings(listen: "ipc:///run/p2pmsg-receiver").listenDirectory() == "/run/p2pmsg-receiver")
        #expect(try settings(bus: "tcp://192.0.2.1:5", listen: "192.0.2.2").listenDirectory() == nil)
        for wrong in ["192.0.2.2", "/run/x", "ipc://run", "ipc:///run/x/", ""] {
            #expect(
                message { _ = try settings(listen: wrong).listenDirectory() }.contains(
                    "as in ipc:///run/p2pmsg-receiver"))
        }
    }
}
