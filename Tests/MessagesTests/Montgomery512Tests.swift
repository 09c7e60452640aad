import Testing

@testable import Messages

@Suite struct Montgomery512Tests {
    struct Case {
        let modulus: String
        let base: String
        let exponent: String
        let power: String
    }

    /// Computed with Python's `pow`, for the extremes of the range and for random numbers.
    static let cases = [
        Case(
            modulus:
                "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            base:
                "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe",
            exponent: "10001",
            power:
                "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe"
        ),
        Case(
            modulus:
                "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            base:
                "f7108e96f770c2263266aa3bb0cde917f7f35634f0e3cd972e81d66d346c6e2ba02fdaa1ad864c44e049548e8a0a8c9632ea6928f6236bf2504b74ba4a0fe75d",
            exponent: "10001",
            power:
                "e8a3b30b78441474428c6ab2d1e1edb4f9dcf8bf7d34d67ee4e2671e7cce6ae74b7e29400012c70149e3bad41e9a25d54f942be54af50445b73c38c73afb604"
        ),
        Case(
            modulus:
                "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffdc7",
            base:
                "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffdc6",
            exponent: "10001",
            power:
                "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffdc6"
        ),
        Case(
            modulus:
                "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffdc7",
            base:
                "6b384309c9a937a68c8f95ef04a012e8677fd139d84a1d3a5b8e8fb2bff29101f3001cee05da8467f06313fff9a01fe8419521fe0e979cf32d1634b4b4653252",
            exponent: "10001",
            power:
                "f072f1e9a0245e55cbeb43eefb52aa4636f40439fb0482e1c041ba0a68431664057c7b9b60a6debb7ac679f866a2e6761ec4d6b7443ff71d638b98eb2d9390cc"
        ),
        Case(
            modulus:
                "1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001",
            base:
                "1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
            exponent: "10001",
            power:
                "1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        ),
        Case(
            modulus:
                "1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001",
            base:
                "4be04ceb07c30d5cd5061c9c5f319e834c1b69573ac59a355f2af41757905efa749692f21ff5eb6ed78f5d0960afe94bbdbb01dc14ed575e0730b3cc170c31",
            exponent: "10001",
            power:
                "35b9638107a4ed0f40d56ade57e6097ec1bc7b0b083d4380ab998edec0328688f9b53424686694b0edaf75aecd2dbe90eda32fb344d4995f235f7e11773d3b"
        ),
        Case(
            modulus:
                "80000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000010000000000000001",
            base:
                "80000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000010000000000000000",
            exponent: "10001",
            power:
                "80000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000010000000000000000"
        ),
        Case(
            modulus:
                "80000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000010000000000000001",
            base:
                "5b48368ecc3136d8ac738c8ca5be6d6b8016e14dd111eb3749f088d476832b6246103a2babf0ca69536e816b402d5ebbc61251908c07985b796bfa0002f6f33d",
            exponent: "10001",
            power:
                "45fa4b339da10c15d67a8946f21dc403cc72b952889507a93a05c770a08ef274dd4d3eb122cc304917595c39c55f5d98c66ea826a28c37db37e4b45308322dde"
        ),
        Case(
            modulus:
                "18d4a7077330bdbd7210dff076ce2ef87b0b125ec1d7da0a6eb8c9ebd69fe29d76d4330f1446beab0c11fdecb91ce375bc8fbbcbde5c0994164d8399f767c45",
            base:
                "18d4a7077330bdbd7210dff076ce2ef87b0b125ec1d7da0a6eb8c9ebd69fe29d76d4330f1446beab0c11fdecb91ce375bc8fbbcbde5c0994164d8399f767c44",
            exponent: "10001",
            power:
                "18d4a7077330bdbd7210dff076ce2ef87b0b125ec1d7da0a6eb8c9ebd69fe29d76d4330f1446beab0c11fdecb91ce375bc8fbbcbde5c0994164d8399f767c44"
        ),
        Case(
            modulus:
                "18d4a7077330bdbd7210dff076ce2ef87b0b125ec1d7da0a6eb8c9ebd69fe29d76d4330f1446beab0c11fdecb91ce375bc8fbbcbde5c0994164d8399f767c45",
            base:
                "9af70c6bb906c9efb9f2c6aa61e4888436682694b24700efac6de6c7c66f539de552dd2bfcd6866aa87c09baf87131abbd5e94b83d5f7b142ea4cdb101446a",
            exponent: "10001",
            power:
                "1339d29daafd945c44e0d8d5f2945aa8f45458de120d24945872f5dc6c5c3caeacb1cf941f024a089fd28143b353d2fabeb554ddb23ef87ad8da8a8338b68e3"
        ),
        Case(
            modulus:
                "18d4a7077330bdbd7210dff076ce2ef87b0b125ec1d7da0a6eb8c9ebd69fe29d76d4330f1446beab0c11fdecb91ce375bc8fbbcbde5c0994164d8399f767c45",
            base:
                "5c8a50a66e12779fc32bb570e9dc059621787d28f745873212c44f07123c8dfefaf558b86d152d454cfe2ba309b1a6ddfc1c08c6530cc38d9f07119fad3bf4",
            exponent:
                "1c5f4755222ed171e44da6a60ddc50fb2a6e4bd639eb08e4fad18c6a78b9d3d6fc8931500ab772dcb7ed25daa18061082e376b8baf9ae4aac24da3363812e299",
            power:
                "4b53d12652eb6df77eb9b1bf26e9cf7314e69c7dfa38dbf3da5062b427d2c75a65b7d409d6527b60de8c69f2dd28e56b2c7d0975e9c0d2f623769037c8999a"
        ),
        Case(
            modulus:
                "5fea11ac92edcf451a1afe878b33e968617959ce3f1f65a8de5271007814e8a25f2dd97f1cfb10f62827688de6a16a3b0d464138a62332553fc1ea36f17fd375",
            base:
                "5fea11ac92edcf451a1afe878b33e968617959ce3f1f65a8de5271007814e8a25f2dd97f1cfb10f62827688de6a16a3b0d464138a62332553fc1ea36f17fd374",
            exponent: "10001",
            power:
                "5fea11ac92edcf451a1afe878b33e968617959ce3f1f65a8de5271007814e8a25f2dd97f1cfb10f62827688de6a16a3b0d464138a62332553fc1ea36f17fd374"
        ),
        Case(
            modulus:
                "5fea11ac92edcf451a1afe878b33e968617959ce3f1f65a8de5271007814e8a25f2dd97f1cfb10f62827688de6a16a3b0d464138a62332553fc1ea36f17fd375",
            base:
                "1a28ac6d971503bd126d15699c9e8752a99b2c28615b43f359e1adc4771fe0ac6a5d89bd0920da718c5ebf8731800c217b8fba722e79e0d7f7cd9231513de781",
            exponent: "10001",
            power:
                "505582f36d0d5eda7e0dcbf6158d21656ba66b260e7efff3d10ed8d3dd7248ab7c1f9ca19ca83b1286f96ba61598de1fe12b32ee83aa184f1ed14da1c21aeeda"
        ),
        Case(
            modulus:
                "5fea11ac92edcf451a1afe878b33e968617959ce3f1f65a8de5271007814e8a25f2dd97f1cfb10f62827688de6a16a3b0d464138a62332553fc1ea36f17fd375",
            base:
                "460c0f54d4d4ab0bb058d2ee1d7584adddcc78de68f8886fdb194b90474d9d8ef3bd423e67c6b46259bbb436002b4b4c5fbf2e16e736f4fcb7cfd8913ce3808e",
            exponent:
                "5a03a612f5532e9c4b0e9e7f94b59db0f37b7afb56e12b56833ce1378b93983c4b978eaf18463b8a4d27667d9d1289458cc8678b093b5dd5f6e0ff055fb693a6",
            power:
                "3aeccde3d6336dc8e117e42e19703911a15471524fae7002b0f3b161662a9528116856b47ab9a8825f3355584823f692768792c9719b220b22979b773d9cae38"
        ),
        Case(
            modulus:
                "9e30691c238642ea126a1e48cc11d357c30d8b7628dbd25e63b229f1c4069545de11cc9dea959c212e9c82b1478c281d687c966c377b9aa2bb2edb20035b7399",
            base:
                "9e30691c238642ea126a1e48cc11d357c30d8b7628dbd25e63b229f1c4069545de11cc9dea959c212e9c82b1478c281d687c966c377b9aa2bb2edb20035b7398",
            exponent: "10001",
            power:
                "9e30691c238642ea126a1e48cc11d357c30d8b7628dbd25e63b229f1c4069545de11cc9dea959c212e9c82b1478c281d687c966c377b9aa2bb2edb20035b7398"
        ),
        Case(
            modulus:
                "9e30691c238642ea126a1e48cc11d357c30d8b7628dbd25e63b229f1c4069545de11cc9dea959c212e9c82b1478c281d687c966c377b9aa2bb2edb20035b7399",
            base:
                "7a1eb92d9059129e61fbaa7b988f5e8828226f9c24617bfa77ac435f5e93cc5789d3a4b7a46d8bd9905d11ddd0201a4168c422a76b4a439921109d0dd18aa866",
            exponent: "10001",
            power:
                "f06653e196c469af488d1b3db67547d775ba98c9148b2bafab4904bf118a79aa266876c8930f914b848c46e34a535914621cd194a251094a43cbcb5858028"
        ),
        Case(
            modulus:
                "9e30691c238642ea126a1e48cc11d357c30d8b7628dbd25e63b229f1c4069545de11cc9dea959c212e9c82b1478c281d687c966c377b9aa2bb2edb20035b7399",
            base:
                "7ac569924a9f63967e50219339f125a5fa07ba826e82d4256de01c196037983b907599c8e42b0ae6e06248b4a1240c23535005d32404f2668a17aa7b9d7ba71e",
            exponent:
                "404602d07f0de0a14d0167e9fb218ac1bdb3e4fa4283de5c980d23d2988700ad28b604bfe9eb5755dadef4e7f60d36266246b75961394c10b5530d8ef8f2c944",
            power:
                "6e113bda900f73d52ee971bbfb6e46345983825bbbf0b35f6ea891a32318ded567281135ef396ae3f1c33f9ef7e3266244ed9cd1454e8fff59f73724c944ae02"
        ),
        Case(
            modulus:
                "aa9eba0cdf561d802a759159fb7ff337f5cae3bf3729c619c60a3cab359eeefb015c33b2df1461aaf8eb18b90074513021da8978206f5c6671e0c07e9e115e4b",
            base:
                "aa9eba0cdf561d802a759159fb7ff337f5cae3bf3729c619c60a3cab359eeefb015c33b2df1461aaf8eb18b90074513021da8978206f5c6671e0c07e9e115e4a",
            exponent: "10001",
            power:
                "aa9eba0cdf561d802a759159fb7ff337f5cae3bf3729c619c60a3cab359eeefb015c33b2df1461aaf8eb18b90074513021da8978206f5c6671e0c07e9e115e4a"
        ),
        Case(
            modulus:
                "aa9eba0cdf561d802a759159fb7ff337f5cae3bf3729c619c60a3cab359eeefb015c33b2df1461aaf8eb18b90074513021da8978206f5c6671e0c07e9e115e4b",
            base:
                "796a48a1ef6cbfc53e5429df4616f2038f70d465885628277af4b7ac03614a8b64739895d3a9833022edbf31c81de77b0a3be6624b08ce113ed91bb971871853",
            exponent: "10001",
            power:
                "ad4934b95e2a1f6db73d5833ee27f921b9c23a63251f9f74317f2d0d008a118212dfb2644532bacce6161465c3dea3241d0956f2b5679b5e539ca6d6222f8f"
        ),
        Case(
            modulus:
                "aa9eba0cdf561d802a759159fb7ff337f5cae3bf3729c619c60a3cab359eeefb015c33b2df1461aaf8eb18b90074513021da8978206f5c6671e0c07e9e115e4b",
            base:
                "84aa0116798171f9fe1362ae9ba859ef7e0502c84b0e62be492582c0fd23a604b8b15bf4279eb8d9d80abf0044873bea7d786d243ee395e609694bd8c82b12a6",
            exponent:
                "9d1305f5560c117eb54146ec889351cd4847ec0e4cfa01162043a7e2c2a97ce20423e5e21e40fa8ce51ee6ffbe54430ce172eb9f9a962848dd0d2149a516a273",
            power:
                "2626d5acae4ebeeb1219035a2305b7a95b6fb3e67b20ef84b7dac891cd2abae22f62cf839309dd47421865a6dcc93c61efed2c6749de7e5ca862954cb4184686"
        ),
    ]

    /// Apart, because the macros of the tests take no spans.
    private func parse(_ hex: String) -> UInt512? { UInt512(hexDigits: hex.utf8.span) }

    private func number(_ hex: String) throws -> UInt512 { try #require(parse(hex)) }

    @Test func power_isThatOfAnotherImplementation() throws {
        for item in Self.cases {
            let field = try #require(Montgomery512(modulus: number(item.modulus)))
            let (base, exponent) = (try number(item.base), try number(item.exponent))
            let power = field.power(base, exponent)
            #expect(power.hex == item.power, "\(item.base)^\(item.exponent)")
        }
    }

    @Test func power_obeysItsLaws() throws {
        var random = SeededGenerator(seed: 23)
        for _ in 0..<50 {
            var modulus = UInt512(bigEndian: (0..<64).map { _ in UInt8.random(in: 0...255, using: &random) })
            modulus.words[7] |= 1 << 56
            modulus.words[0] |= 1
            let field = try #require(Montgomery512(modulus: modulus))
            let base = UInt512(bigEndian: (0..<62).map { _ in UInt8.random(in: 0...255, using: &random) })
            let (a, b) = (UInt64.random(in: 1...1000, using: &random), UInt64.random(in: 1...1000, using: &random))
            #expect(field.power(base, UInt512(0)) == .one)
            #expect(field.power(base, .one) == base)
            #expect(field.power(field.power(base, UInt512(a)), UInt512(b)) == field.power(base, UInt512(a * b)))
        }
    }

    @Test func modulus_thatIsEvenOrShort_isNone() throws {
        let short = String(repeating: "f", count: 126)
        #expect(try Montgomery512(modulus: number(short)) == nil)
        #expect(try Montgomery512(modulus: number("fe" + short)) != nil)
        #expect(try Montgomery512(modulus: number("ff" + short.dropLast() + "e")) == nil)
    }

    @Test func numbers_roundTripHex() throws {
        for hex in ["0", "1", "a", "10", "123456789abcdef0123456789abcdef", String(repeating: "f", count: 128)] {
            #expect(try number(hex).hex == hex)
            #expect(try number(hex.uppercased()).hex == hex)
        }
        #expect(try number("0001").hex == "1")
        #expect(parse("") == nil)
        #expect(parse("1g") == nil)
        #expect(parse(String(repeating: "0", count: 200) + "1")?.hex == "1")
        #expect(parse("1" + String(repeating: "0", count: 128)) == nil)
        #expect(UInt512(bigEndian: [1, 0, 255]).hex == "100ff")
    }

    @Test func numbers_areOrdered() throws {
        let sorted = try [
            "0", "1", "ffff", "10000000000000000", "20000000000000000", "f" + String(repeating: "0", count: 127),
        ]
        .map(number)
        for (index, a) in sorted.enumerated() {
            for (other, b) in sorted.enumerated() { #expect((a < b) == (index < other)) }
        }
    }
}
