import Messages

extension Identity {
    /// A 2011 key for tests: to find new primes takes seconds without optimisation, and keeps other tests waiting.
    static var sampleLegacy: Identity {
        get throws {
            try Identity.imported(
                """
                p2pmsg-key 1 2011
                n e3c207c11eadb4de64da5854c9fdeb66157c4edaaf3d321ed793258173b8703f\
                52f1ac791691bbfa414181345b635b20bd68a354e0039ec196b4f2efbd3ea7a7
                d a97971c7b40a51b1c29dee68793d667239be9bf681bb29966596eaab9eee3926\
                9e37576a71b3e50bb5510182d6932f5af8d11acb354a09326668662603bd8751

                """)
        }
    }
}
