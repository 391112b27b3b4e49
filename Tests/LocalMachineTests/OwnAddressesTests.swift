import LocalMachine
import Testing

@Suite struct OwnAddressesTests {
    @Test("Loopback and wildcards are this machine, and addresses that nobody has are not")
    func contains() {
        for own in ["127.0.0.1", "127.9.9.9", "::1", "localhost", "0.0.0.0", "::"] + OwnAddresses.all {
            #expect(OwnAddresses.contains(own), "\(own)")
        }
        for other in ["192.0.2.77", "2001:db8::77", "head.example.org", ""] {
            #expect(!OwnAddresses.contains(other), "\(other)")
        }
        #expect(OwnAddresses.all.contains("127.0.0.1"))
    }

    @Test("The way to a loopback address begins at one, and where machines are reached is an address of this one")
    func local() {
        #expect(OwnAddresses.local(toward: "127.0.0.1", port: 9) == "127.0.0.1")
        #expect(OwnAddresses.local(toward: "no such name", port: 9) == nil)
        if let outward = OwnAddresses.outward {
            #expect(OwnAddresses.all.contains(outward) && !Loopback.contains(outward), "\(outward)")
        }
    }
}
