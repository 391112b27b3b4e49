import Model

/// Giving map tasks to workers of the simple calls, cut down to what travels inline.
extension Coordinator {
    mutating func assignSimple(to name: String) -> AttemptID? {
        guard interruption == nil else { return nil }
        for position in openJobs where jobs[position].allowsSimpleWorkers && jobs[position].mayGoOn {
            guard let index = takeForSimple(from: position) else { continue }
            let worker = WorkerKey.simple(name: name)
            let leaseEnds = now + policy.leaseLength
            let attempt = jobs[position].maps.start(index, on: worker, at: now, leaseEnds: leaseEnds)
            simpleWorkers[name]?.attempt = attempt
            watch(worker, at: leaseEnds)
            return attempt
        }
        return nil
    }

    mutating func handOutToSimple() {
        while let entry = simpleLine.takeFirst() {
            guard let parked = simpleWorkers[entry.name]?.parked, parked.ticket == entry.ticket else { continue }
            guard let attempt = assignSimple(to: entry.name) else {
                simpleLine.putBack([entry])
                return
            }
            answerSimple(entry.name, parked.request, attempt)
        }
    }

    /// Takes a pending map task that is short enough, or the beginning of one that is not.
    ///
    /// Nothing is cut off once a reduce task was handed out: the list of map outputs that it got must stay the whole
    /// input.
    private mutating func takeForSimple(from position: Int) -> Int? {
        let byteCountMax = policy.simpleSplitByteCountMax
        var tooLong: [Int] = []
        var chosen: Int?
        while chosen == nil, tooLong.count < policy.candidatesMax,
            let index = jobs[position].maps.takeLongest(forFullWorker: false)
        {
            if jobs[position].maps.records[index].byteCount <= byteCountMax {
                chosen = index
            } else if jobs[position].hasAssignedReduces {
                tooLong.append(index)
            } else {
                chosen = jobs[position].maps.carve(index, byteCountMax: byteCountMax)
            }
        }
        for index in tooLong { jobs[position].maps.putBack(index) }
        return chosen
    }
}
