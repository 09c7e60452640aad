// Arrays of which a switch has many, and a simulation has a hundred thousand times as many.
extension Array {
    /// Room for one more, and when there is none for a quarter more and not for twice as many.
    mutating func makeRoom() {
        if count == capacity { reserveCapacity(count + count / 4 + 4) }
    }

    /// Gives memory back where three quarters of it are free.
    mutating func giveBackRoom() {
        guard capacity > 32, count < capacity / 4 else { return }
        // An array that is made of another one would share its memory.
        var fresh: [Element] = []
        fresh.reserveCapacity(count)
        for element in self { fresh.append(element) }
        self = fresh
    }
}
