import NIOCore
import Testing

@testable import XMLRPCTransport

@Suite struct WrongCredentialsTests {
    private static let begin = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private static func counts(
        countMax: Int = 3, delayedMax: Int = 3, addressesMax: Int = 100
    ) -> WrongCredentials {
        WrongCredentials(
            limits: WrongCredentials.Limits(
                countMax: countMax, window: .seconds(60), delayedMax: delayedMax, addressesMax: addressesMax))
    }

    private static func address(_ number: Int) throws -> PeerAddress? {
        PeerAddress(try SocketAddress(ipAddress: "10.0.\(number / 256).\(number % 256)", port: 1))
    }

    @Test("The first wrong credentials of an address wait; those past the limit are sent away until its window ends")
    func window() throws {
        var counts = Self.counts()
        let address = try Self.address(1)
        for second in 0..<3 {
            #expect(counts.note(from: address, now: Self.begin + .seconds(Int64(second))) == .delayed)
        }
        let excess = WrongCredentials.Excess(count: 4, since: .seconds(10))
        #expect(
            counts.note(from: address, now: Self.begin + .seconds(10))
                == .tooMany(retryAfter: .seconds(50), excess: excess))
        #expect(
            counts.note(from: address, now: Self.begin + .seconds(59))
                == .tooMany(retryAfter: .seconds(1), excess: nil), "it is told once")
        for _ in 0..<3 { counts.delayEnded(of: address) }
        #expect(counts.note(from: address, now: Self.begin + .seconds(60)) == .delayed)
    }

    @Test("Addresses don't count for each other")
    func addresses() throws {
        var counts = Self.counts(countMax: 1)
        let (first, second) = (try Self.address(1), try Self.address(2))
        #expect(counts.note(from: first, now: Self.begin) == .delayed)
        #expect(counts.note(from: first, now: Self.begin) != .delayed)
        #expect(counts.note(from: second, now: Self.begin) == .delayed)
    }

    @Test("So many answers of an address wait at a time, and one that ends makes room, also when it was begun long ago")
    func places() throws {
        var counts = Self.counts(countMax: 10, delayedMax: 2)
        let address = try Self.address(1)
        #expect(counts.note(from: address, now: Self.begin) == .delayed)
        #expect(counts.note(from: address, now: Self.begin) == .delayed)
        let full = WrongCredentials.Answer.tooMany(retryAfter: .seconds(60), excess: nil)
        #expect(counts.note(from: address, now: Self.begin) == full)
        let later = Self.begin + .seconds(100)
        #expect(counts.note(from: address, now: later) == full, "the window is a new one, the places are taken")
        counts.delayEnded(of: address)
        #expect(counts.note(from: address, now: later) == .delayed)
        #expect(counts.delayedCount == 2)
        for _ in 0..<2 { counts.delayEnded(of: address) }
        #expect(counts.delayedCount == 0)
    }

    @Test("So many addresses are remembered; for a further one the oldest is forgotten, and nothing else")
    func memory() throws {
        var counts = Self.counts(countMax: 1, addressesMax: 1_000)
        for number in 0..<5_000 {
            let now = Self.begin + .milliseconds(Int64(number))
            #expect(counts.note(from: try Self.address(number), now: now) == .delayed)
            counts.delayEnded(of: try Self.address(number))
        }
        #expect(counts.addressCount == 1_000)
        let now = Self.begin + .seconds(6)
        #expect(counts.note(from: try Self.address(4_000), now: now) != .delayed)
        #expect(counts.note(from: try Self.address(3_999), now: now) == .delayed)
        #expect(counts.addressCount == 1_000)
        let end = Self.begin + .seconds(120)
        #expect(counts.note(from: try Self.address(9_999), now: end) == .delayed)
        #expect(counts.addressCount == 1, "what has ended is not kept")
    }

    @Test(
        "An address is told of as what is counted: the one of IPv4, the network of IPv6",
        arguments: [
            ("10.1.2.3", "10.1.2.3"), ("::ffff:10.1.2.3", "10.1.2.3"), ("2001:db8::a:1", "2001:db8:0:0::/64"),
        ])
    func text(address: String, text: String) throws {
        #expect(PeerAddress(try SocketAddress(ipAddress: address, port: 1))?.description == text)
    }
}
