package import XMLRPC

/// What a center is asked, by itself or as a part of a master.
package enum CenterMethods {
    package static func all(of state: CenterState) -> [Method] {
        CenterCalls(
            state: state,
            identity: {
                let (workers, keys) = state.read { ($0.workers.count, $0.keyCount) }
                let counts = state.shell.read { $0.computationCounts }
                return .structure([
                    "type": "Center", "workers": .int(Int32(clamping: workers)), "keys": .int(Int32(clamping: keys)),
                    "computations": .int(Int32(clamping: counts.known)),
                    "open_computations": .int(Int32(clamping: counts.open)),
                ])
            }
        ).methods + PeerKeyCalls(peers: state.peers).methods
    }
}
