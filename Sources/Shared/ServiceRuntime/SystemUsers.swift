import Glibc

/// A group of this machine's users.
package struct SystemGroup: Hashable, Sendable {
    package let name: String
    package let id: UInt32

    package init(name: String, id: UInt32) {
        self.name = name
        self.id = id
    }

    /// - Parameter text: a name, or a number for a group without one.
    /// - Throws: a report of status `usage`.
    package init(_ text: String) throws(FailureReport) {
        let found = SystemUsers.found { buffer, size in
            var entry = group()
            var result: UnsafeMutablePointer<group>?
            let code = getgrnam_r(text, &entry, buffer, size, &result)
            return (code, result == nil ? nil : entry.gr_gid)
        }
        guard let id = found ?? UInt32(text) else {
            throw FailureReport("there is no group '\(SafeText.line(text))' on this machine", status: .usage)
        }
        self.init(name: text, id: id)
    }
}

/// The users of this machine, as its database knows them.
package enum SystemUsers {
    /// - Parameter text: a name, or a number for a user without one.
    /// - Throws: a report of status `usage`.
    package static func id(of text: String) throws(FailureReport) -> UInt32 {
        let found = found { buffer, size in
            var entry = passwd()
            var result: UnsafeMutablePointer<passwd>?
            let code = getpwnam_r(text, &entry, buffer, size, &result)
            return (code, result == nil ? nil : entry.pw_uid)
        }
        guard let id = found ?? UInt32(text) else {
            throw FailureReport("there is no user '\(SafeText.line(text))' on this machine", status: .usage)
        }
        return id
    }

    /// Whether the database has the user among the members of the group, its first one included; a process may be in others.
    package static func isMember(_ user: UInt32, of group: UInt32) -> Bool {
        let groups: [gid_t]? = found { buffer, size in
            var entry = passwd()
            var result: UnsafeMutablePointer<passwd>?
            let code = getpwuid_r(user, &entry, buffer, size, &result)
            guard result != nil, let name = entry.pw_name else { return (code, nil) }
            // The count becomes what there are.
            var count: Int32 = 64
            var groups = [gid_t](repeating: 0, count: Int(count))
            if getgrouplist(name, entry.pw_gid, &groups, &count) < 0 {
                groups = [gid_t](repeating: 0, count: Int(count))
                guard getgrouplist(name, entry.pw_gid, &groups, &count) >= 0 else { return (code, nil) }
            }
            return (code, Array(groups.prefix(Int(count))))
        }
        return groups?.contains(group) == true
    }

    /// Asks with more and more room, as long as the database wants more.
    fileprivate static func found<Value>(
        _ ask: (_ buffer: UnsafeMutablePointer<CChar>, _ size: Int) -> (code: Int32, value: Value?)
    ) -> Value? {
        var size = 1_024
        while size <= Limits.userEntryBytes {
            let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
            defer { buffer.deallocate() }
            let (code, value) = ask(buffer, size)
            guard code == ERANGE else { return value }
            size *= 2
        }
        return nil
    }
}
