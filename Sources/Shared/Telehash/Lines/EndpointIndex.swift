/// Finds the slot of an address: a hash table that keeps nothing but slots, because the lines know their addresses.
///
/// Open addressing with linear probing. The hash is seeded anew in each process, so nobody can choose addresses that
/// collide (hash flooding).
struct EndpointIndex: Sendable {
    /// Slots plus one; 0 is free. As many as a power of two, and a third of them free at least.
    private var table: [UInt32] = []
    private var count = 0

    func slot(of endpoint: Endpoint, in slots: [Line]) -> Int? {
        guard !table.isEmpty else { return nil }
        var place = home(of: endpoint)
        while table[place] != 0 {
            let slot = Int(table[place]) - 1
            if slots[slot].endpoint == endpoint { return slot }
            place = (place + 1) & (table.count - 1)
        }
        return nil
    }

    /// Enters a line that is in its slot already, and whose address has no other.
    mutating func insert(_ slot: Int, in slots: [Line]) {
        if (count + 1) * 3 > table.count * 2 { resize(to: max(8, table.count * 2), slots) }
        place(slot, at: slots[slot].endpoint)
        count += 1
    }

    /// Takes a line out, without a tombstone: later ones of the same run move up where their home allows it.
    mutating func remove(_ slot: Int, in slots: [Line]) {
        guard !table.isEmpty else { return }
        let mask = table.count - 1
        var gap = home(of: slots[slot].endpoint)
        while table[gap] != UInt32(slot) + 1 {
            guard table[gap] != 0 else { return }
            gap = (gap + 1) & mask
        }
        var next = (gap + 1) & mask
        while table[next] != 0 {
            let home = home(of: slots[Int(table[next]) - 1].endpoint)
            if (next - home) & mask >= (next - gap) & mask {
                table[gap] = table[next]
                gap = next
            }
            next = (next + 1) & mask
        }
        table[gap] = 0
        count -= 1
        // A table that was large for a while is not so for ever.
        if table.count > 64, count * 8 < table.count { resize(to: table.count / 4, slots) }
    }

    private func home(of endpoint: Endpoint) -> Int {
        endpoint.hashValue & (table.count - 1)
    }

    private mutating func place(_ slot: Int, at endpoint: Endpoint) {
        var place = home(of: endpoint)
        while table[place] != 0 { place = (place + 1) & (table.count - 1) }
        table[place] = UInt32(slot) + 1
    }

    private mutating func resize(to size: Int, _ slots: [Line]) {
        let old = table
        table = [UInt32](repeating: 0, count: size)
        for entry in old where entry != 0 { place(Int(entry) - 1, at: slots[Int(entry) - 1].endpoint) }
    }
}
