/// A hash table that keeps nothing but small numbers, such as places in an array: whoever uses it knows what stands
/// there, and says how that is hashed.
///
/// Open addressing with linear probing. The hash must be one that nobody else can foresee, or others could choose what
/// collides.
struct NumberTable: Sendable {
    /// Numbers plus one; 0 is free. As many as a power of two, and half of them free at least.
    private var table: [UInt32] = []
    private(set) var count = 0

    /// The number with this hash that is the one looked for.
    func first(hash: Int, where isIt: (Int) -> Bool) -> Int? {
        guard !table.isEmpty else { return nil }
        var place = hash & (table.count - 1)
        while table[place] != 0 {
            let number = Int(table[place]) - 1
            if isIt(number) { return number }
            place = (place + 1) & (table.count - 1)
        }
        return nil
    }

    /// Adds a number that is not there.
    mutating func insert(_ number: Int, hash: (Int) -> Int) {
        if (count + 1) * 2 > table.count { resize(to: max(16, table.count * 2), hash) }
        place(number, hash: hash(number))
        count += 1
    }

    /// Takes a number out, without a tombstone: later ones of the same run move up where their home allows it.
    mutating func remove(_ number: Int, hash: (Int) -> Int) {
        guard !table.isEmpty else { return }
        let mask = table.count - 1
        var gap = hash(number) & mask
        while table[gap] != UInt32(number) + 1 {
            guard table[gap] != 0 else { return }
            gap = (gap + 1) & mask
        }
        var next = (gap + 1) & mask
        while table[next] != 0 {
            let home = hash(Int(table[next]) - 1) & mask
            if (next - home) & mask >= (next - gap) & mask {
                table[gap] = table[next]
                gap = next
            }
            next = (next + 1) & mask
        }
        table[gap] = 0
        count -= 1
        // A table that was large for a while is not so for ever.
        if table.count > 64, count * 8 < table.count { resize(to: table.count / 4, hash) }
    }

    mutating func removeAll() {
        self = NumberTable()
    }

    private mutating func place(_ number: Int, hash: Int) {
        var place = hash & (table.count - 1)
        while table[place] != 0 { place = (place + 1) & (table.count - 1) }
        table[place] = UInt32(number) + 1
    }

    private mutating func resize(to size: Int, _ hash: (Int) -> Int) {
        let old = table
        table = [UInt32](repeating: 0, count: size)
        for entry in old where entry != 0 { place(Int(entry) - 1, hash: hash(Int(entry) - 1)) }
    }
}
