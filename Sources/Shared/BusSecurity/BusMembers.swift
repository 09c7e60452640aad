import Bus
import ServiceRuntime
import ZeroMQ

/// Who comes in over `ipc://` beside the owner of the sockets: the members of a group. The services of a node have users of
/// their own then, and what each may do follows from its user, which the system tells (`SO_PEERCRED`).
package struct BusMembers: Sendable, Hashable {
    package let group: SystemGroup
    /// nil: each may do everything.
    package let roles: PeerRoles?

    /// The directory of the sockets is for the group, and what is bound in it.
    package func apply(to options: inout SocketOptions) { options.ipcGroup = group.id }
}

/// What users of this machine may do on the bus: lines of `role=user`.
///
/// A user is a name, a number, or `@group` for all members of a group who are not named themselves. `none` is the role of
/// those who may do nothing although they come in. The superuser is a client, because nothing could keep it from being one;
/// a user who is not named may do nothing.
package struct PeerRoles: Sendable, Hashable {
    private static let none = "none"
    private static let superuser: UInt32 = 0

    private var users: [UInt32: CurveUser?] = [superuser: CurveUser(role: BusRole.client.rawValue, name: "root")]
    private var groups: [Group] = []

    private struct Group: Sendable, Hashable {
        let group: SystemGroup
        let role: String
    }

    /// - Throws: a report of status `usage` that repeats what is wrong.
    package init(_ lines: [String]) throws(FailureReport) {
        for line in lines {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts[1].isEmpty, BusRole(rawValue: parts[0]) != nil || parts[0] == Self.none
            else {
                let roles = (BusRole.allCases.map(\.rawValue) + [Self.none]).joined(separator: ", ")
                throw FailureReport(
                    "\(Setting.busRoles.option) '\(SafeText.line(line))': write a role, = and a user or @group; the roles "
                        + "are \(roles)", status: .usage)
            }
            do throws(FailureReport) {
                if parts[1].hasPrefix("@") {
                    groups.append(Group(group: try SystemGroup(String(parts[1].dropFirst())), role: parts[0]))
                } else {
                    let user = parts[0] == Self.none ? nil : CurveUser(role: parts[0], name: parts[1])
                    users.updateValue(user, forKey: try SystemUsers.id(of: parts[1]))
                }
            } catch {
                throw FailureReport("\(Setting.busRoles.option): \(error.message)", status: error.status)
            }
        }
    }

    /// - Returns: nil for one that may do nothing.
    package func user(_ id: UInt32) -> CurveUser? {
        if let known = users[id] { return known }
        let group = groups.first { SystemUsers.isMember(id, of: $0.group.id) }
        guard let group, group.role != Self.none else { return nil }
        return CurveUser(role: group.role, name: "\(id)")
    }
}

extension Socket {
    /// Looks at who sends, from now on; nil: does not.
    package func identify(by roles: PeerRoles?) {
        guard let roles else { return identifyPeer = nil }
        // Who may is looked up once, and who may not each time: an operator may be coming into the group.
        var known: [UInt32: CurveUser] = [:]
        identifyPeer = { user in
            if let found = known[user] { return found }
            guard let found = roles.user(user) else { return nil }
            if known.count < Limits.usersRemembered { known[user] = found }
            return found
        }
    }

    /// What is being received, as its sender may mean it; nil: it may not send that. Where nobody is asked who they are,
    /// the directory of the sockets has said so.
    package func admitted(_ message: BusMessage) -> BusMessage? {
        guard asksWhoSends else { return message }
        guard let role = sender.flatMap({ BusRole(rawValue: $0.role) }), role.maySend(message) else { return nil }
        return role.limited(message)
    }
}
