import TelehashWire
import Testing

@Suite struct EndpointTests {
    @Test(arguments: [
        "0.0.0.0:1", "1.2.3.4:5", "127.0.0.1:42424", "255.255.255.255:65535", "10.0.100.9:80",
        "[::]:1", "[::1]:5", "[2001:db8::1]:42424", "[fe80::1:2:3:4]:1", "[1:2:3:4:5:6:7:8]:9",
        "[2001:db8:0:1:1:1:1:1]:5", "[2001:0:0:1::1]:5", "[2001:db8::1:0:0:1]:5", "[1::]:5", "[1:0:1::]:7",
        "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
    ])
    func canonicalText_isReadAndWrittenAlike(_ text: String) {
        #expect(Endpoint(text)?.description == text)
    }

    @Test(arguments: [
        ("[2001:0DB8::0001]:5", "[2001:db8::1]:5"),
        ("[0:0:0:0:0:0:0:1]:5", "[::1]:5"),
        ("[2001:db8:0:0:1:0:0:1]:5", "[2001:db8::1:0:0:1]:5"),
        ("[1:2:3:4:5:6:7::]:5", "[1:2:3:4:5:6:7:0]:5"),
        ("[::2:3:4:5:6:7:8]:5", "[0:2:3:4:5:6:7:8]:5"),
        ("[::ffff:1.2.3.4]:5", "1.2.3.4:5"),
        ("[::ffff:102:304]:5", "1.2.3.4:5"),
        ("[64:ff9b::1.2.3.4]:5", "[64:ff9b::102:304]:5"),
    ])
    func otherSpelling_isReadAndWrittenCanonically(_ text: String, _ canonical: String) {
        #expect(Endpoint(text)?.description == canonical)
        #expect(Endpoint(text) == Endpoint(canonical))
    }

    @Test(arguments: [
        "", ":", "1.2.3.4", "1.2.3.4:", "1.2.3.4:0", "1.2.3.4:65536", "1.2.3.4:99999999999999999999",
        "1.2.3.4:05", "1.2.3.4:+5", "1.2.3.4:-5", "1.2.3.4:5 ", " 1.2.3.4:5", "1.2.3.4:5x", "01.2.3.4:5",
        "1.2.3.04:5", "00.2.3.4:5", "256.2.3.4:5", "1.2.3:5", "1.2.3.4.5:6", "1..3.4:5", "0x7f.0.0.1:5", "2130706433:5",
        "telehash.org:42424", "localhost:5", "１.2.3.4:5", "1.2.3.4:5\0", "[1.2.3.4]:5", "::1:5", "[::1]", "[::1]:0",
        "[::1:5", "[]:5", "[:]:5", "[:::]:5", "[1:2:3:4:5:6:7]:5", "[1:2:3:4:5:6:7:8:9]:5", "[1:2:3:4:5:6:7:8:]:5",
        "[1::2::3]:5", "[::1:2:3:4:5:6:7:8]:5", "[12345::]:5", "[g::]:5", "[fe80::1%eth0]:5", "[1:]:5", "[:1]:5",
        "[::1.2.3]:5", "[::1.2.3.4.5]:5", "[1:2:3:4:5:6:7:1.2.3.4]:5", "[::1.2.3.4:1]:5", "[::1]5", "[::1]]:5",
    ])
    func text_whenItIsNoLiteralEndpoint_isRefused(_ text: String) {
        #expect(Endpoint(text) == nil)
    }

    @Test func numbers_becomeTheirText() throws {
        #expect(Endpoint(ipv4: 0x0102_0304, port: 5)?.description == "1.2.3.4:5")
        #expect(Endpoint(ipv4: 0x0102_0304, port: 0) == nil)
        #expect(Endpoint(ipv6: 0x2001_0db8 << 32, 1, port: 5)?.description == "[2001:db8::1]:5")
        #expect(Endpoint(ipv6: 0, 0xffff_0102_0304, port: 5) == Endpoint("1.2.3.4:5"))
        let endpoint = try #require(Endpoint("[2001:db8::1]:5"))
        #expect(endpoint.address == .v6(0x2001_0db8_0000_0000, 1))
        #expect(endpoint.isIPv6)
        #expect(endpoint.nodeID == NodeID(sha1Of: "[2001:db8::1]:5"))
    }

    @Test(arguments: [
        ("127.0.0.1:1", Reach.near), ("127.255.255.255:1", .near), ("10.1.2.3:1", .near), ("172.16.0.1:1", .near),
        ("172.31.255.1:1", .near), ("192.168.0.1:1", .near), ("169.254.1.1:1", .near), ("100.64.0.1:1", .near),
        ("100.127.255.1:1", .near), ("[::1]:1", .near), ("[fc00::1]:1", .near), ("[fdff::1]:1", .near),
        ("[fe80::1]:1", .near), ("[febf::1]:1", .near), ("[fec0::1]:1", .near),
        ("0.0.0.0:1", .martian), ("0.1.2.3:1", .martian), ("224.0.0.1:1", .martian), ("239.1.1.1:1", .martian),
        ("240.0.0.1:1", .martian), ("255.255.255.255:1", .martian), ("[::]:1", .martian), ("[::2]:1", .martian),
        ("[ff02::1]:1", .martian),
        ("126.1.1.1:1", .everywhere), ("128.0.0.1:1", .everywhere), ("11.0.0.1:1", .everywhere),
        ("172.15.1.1:1", .everywhere), ("172.32.0.1:1", .everywhere), ("192.167.1.1:1", .everywhere),
        ("192.169.1.1:1", .everywhere), ("100.63.1.1:1", .everywhere), ("100.128.0.1:1", .everywhere),
        ("169.253.1.1:1", .everywhere), ("208.68.163.247:42424", .everywhere), ("223.255.255.255:1", .everywhere),
        ("[2001:db8::1]:1", .everywhere), ("[2a00::1]:1", .everywhere), ("[::1:0:0:1]:1", .everywhere),
    ])
    func address_isOfOneReach(_ text: String, _ reach: Reach) throws {
        let endpoint = try #require(Endpoint(text))
        #expect(endpoint.isLoopbackOrPrivate == (reach == .near))
        #expect(endpoint.isMartian == (reach == .martian))
        #expect(endpoint.isPublic == (reach == .everywhere))
    }

    enum Reach { case near, martian, everywhere }

    @Test func groups_countTheLeadingBits() throws {
        let home = try #require(Endpoint("1.2.3.4:5"))
        let otherPort = try #require(Endpoint("1.2.3.4:6"))
        let sameSubnet = try #require(Endpoint("1.2.3.200:5"))
        let sameOperator = try #require(Endpoint("1.2.250.4:5"))
        let elsewhere = try #require(Endpoint("1.3.3.4:5"))
        #expect(home.hostGroup == otherPort.hostGroup)
        #expect(home.hostGroup != sameSubnet.hostGroup)
        #expect(home.narrowGroup == sameSubnet.narrowGroup)
        #expect(home.narrowGroup != sameOperator.narrowGroup)
        #expect(home.wideGroup == sameOperator.wideGroup)
        #expect(home.wideGroup != elsewhere.wideGroup)
    }

    @Test func groups_whenTheAddressIsIPv6_countPrefixes() throws {
        let home = try #require(Endpoint("[2001:db8:1:2:3::4]:5"))
        let sameCustomer = try #require(Endpoint("[2001:db8:1:2:ffff::4]:5"))
        let sameSite = try #require(Endpoint("[2001:db8:1:3::4]:5"))
        let elsewhere = try #require(Endpoint("[2001:db8:2:2:3::4]:5"))
        #expect(home.hostGroup == sameCustomer.hostGroup)
        #expect(home.narrowGroup == sameCustomer.narrowGroup)
        #expect(home.narrowGroup != sameSite.narrowGroup)
        #expect(home.wideGroup == sameSite.wideGroup)
        #expect(home.wideGroup != elsewhere.wideGroup)
        #expect(home.group(v4: 0, v6: 0) == elsewhere.group(v4: 0, v6: 0))
        #expect(home.group(v4: 0, v6: 128) != sameCustomer.group(v4: 0, v6: 128))
        #expect(home.group(v4: 99, v6: 999) == home.group(v4: 32, v6: 128))
        let ipv4 = try #require(Endpoint("1.2.3.4:5"))
        #expect(home.group(v4: 0, v6: 0) != ipv4.group(v4: 0, v6: 0))
    }
}
