import Model

/// Map output that goes from its holder to the master: because readers can't reach the holder, or because it is about to leave.
///
/// The holder is asked in the answer to a poll, and sends the file by itself. As long as its polls say that it is at it, it is
/// given time; after a lease of silence the map tasks run again.
extension Coordinator {
    /// Map outputs that one answer asks for.
    static let handOversPerAnswerMax = 1_024

    /// A reader can't reach the holder of this output: all that reducers may want of it goes to the master, if the holder is
    /// there for the master.
    ///
    /// - Returns: Whether the output is on its way, or need not be; if not, it is as good as lost.
    mutating func relay(_ output: MapOutputID, _ position: Int, reader: String) -> Bool {
        guard let completion = currentOutput(output, position) else { return true }
        guard !jobs[position].handOvers.held.contains(output.mapIndex) else { return true }
        guard let holder = completion.worker.holder, canHandOver(holder) else { return false }
        if jobs[position].handOvers.requests[output.mapIndex]?.isAwaited == true { return true }
        workers[known: holder].standing.isUnreachable = true
        let count = askToHandOver(of: holder, isAwaited: true)
        effects.append(
            .notice(.handOverAsked(holder, name: name(of: .full(holder)), outputCount: count, reader: reader)))
        return true
    }

    /// Whether the master hears of the worker. One whose parked call was cut is most likely dead.
    private func canHandOver(_ id: WorkerID) -> Bool {
        guard workers.contains(id) else { return false }
        return !workers[known: id].isLost && !workers[known: id].standing.hasHungUp && !workers[known: id].isToldToStop
    }

    /// Asks the worker for all of its map outputs that some reduce task may still read.
    ///
    /// - Returns: How many it was asked for that it is to hand over now.
    /// - Complexity: O(map outputs of the worker).
    @discardableResult
    mutating func askToHandOver(of id: WorkerID, isAwaited: Bool) -> Int {
        var count = 0
        for attempt in workers[known: id].mapOutputs where ask(for: attempt, of: id, isAwaited: isAwaited) {
            count += 1
        }
        // Whoever is awaited is to hear of it at once.
        if workers[known: id].standing.handingOver?.untold.isEmpty == false { answerParked(id) }
        return count
    }

    /// - Returns: Whether it is to be handed over.
    private mutating func ask(for attempt: AttemptID, of id: WorkerID, isAwaited: Bool) -> Bool {
        guard let position = position(of: attempt.task.job), isNeeded(attempt, of: id, position) else { return false }
        let index = attempt.task.index
        guard jobs[position].handOvers.ask(for: index, number: attempt.number, of: id, isAwaited: isAwaited) else {
            return true
        }
        let silenceEnds = now + policy.heartbeatInterval
        var handingOver = workers[known: id].standing.handingOver ?? .init(silenceEnds: silenceEnds)
        handingOver.count += 1
        handingOver.untold.append(attempt)
        workers[known: id].standing.handingOver = handingOver
        watch(.full(id), at: handingOver.silenceEnds)
        return true
    }

    /// A worker that readers can't reach, or that is about to leave, has made one more output.
    mutating func askForNewOutput(_ attempt: AttemptID, of id: WorkerID) {
        let isUnreachable = workers[known: id].standing.isUnreachable
        guard isUnreachable || workers[known: id].standing.isDraining else { return }
        // Whether there is more to hand over does not matter here.
        _ = ask(for: attempt, of: id, isAwaited: isUnreachable)
    }

    /// Whether that worker alone holds it and some reduce task may still read it.
    func isNeeded(_ attempt: AttemptID, of id: WorkerID, _ position: Int) -> Bool {
        let output = MapOutputID(mapIndex: attempt.task.index, attemptNumber: attempt.number)
        guard jobs[position].isActive, !jobs[position].reduces.isSettled,
            let completion = currentOutput(output, position), completion.worker == .full(id)
        else { return false }
        return !jobs[position].handOvers.held.contains(output.mapIndex)
    }

    /// What the next answer to the worker asks for; it is not asked for the same again.
    mutating func takeHandOvers(for id: WorkerID) -> [AttemptID] {
        guard let handingOver = workers[known: id].standing.handingOver, !handingOver.untold.isEmpty else { return [] }
        let told = handingOver.untold.prefix(Self.handOversPerAnswerMax)
        workers[known: id].standing.handingOver?.untold.removeFirst(told.count)
        renewHandOvers(of: id)
        return told.filter { attempt in
            position(of: attempt.task.job).map { jobs[$0].handOvers.isRequested(attempt, of: id) } ?? false
        }
    }

    /// The worker is at it.
    mutating func renewHandOvers(of id: WorkerID) {
        guard workers[known: id].standing.handingOver != nil else { return }
        let silenceEnds = now + policy.leaseLength
        workers[known: id].standing.handingOver?.silenceEnds = silenceEnds
        watch(.full(id), at: silenceEnds)
    }

    // MARK: How it ends

    /// The master has the output, whole and under its attempt's name. It counts even if nobody waits for it any more.
    mutating func endHandOver(_ attempt: AttemptID) {
        let output = MapOutputID(mapIndex: attempt.task.index, attemptNumber: attempt.number)
        guard attempt.task.kind == .map, let position = position(of: attempt.task.job), jobs[position].isActive,
            let completion = currentOutput(output, position), case .full(let holder) = completion.worker
        else {
            effects.append(.discardHandedOver(attempt))
            return
        }
        if workers.contains(holder) { renewHandOvers(of: holder) }
        endRequest(for: output.mapIndex, position)
        jobs[position].handOvers.keep(output.mapIndex)
        jobs[position].sources = nil
        drainsMayEnd = true
    }

    /// The worker says that it can't.
    mutating func refuseHandOver(_ attempt: AttemptID, by id: WorkerID, reason: String) {
        guard attempt.task.kind == .map, let position = position(of: attempt.task.job),
            jobs[position].handOvers.isRequested(attempt, of: id)
        else { return }
        let reason = bounded(reason, byteCountMax: policy.reasonByteCountMax)
        let name = name(of: .full(id))
        giveUpHandOver(
            of: attempt.task.index, position, name: name, reason: "worker \(name) could not hand it over: \(reason)")
    }

    /// Nothing more is expected of the worker.
    ///
    /// - Complexity: O(all map outputs that are asked for).
    mutating func giveUpHandOvers(of id: WorkerID, reason: String) {
        guard workers[known: id].standing.handingOver != nil else { return }
        let name = name(of: .full(id))
        for position in openJobs {
            let indices = jobs[position].handOvers.requests.filter { $0.value.holder == id }.keys.sorted()
            for index in indices { giveUpHandOver(of: index, position, name: name, reason: reason) }
        }
    }

    /// What readers wait for is made again; what they can still read where it is stays there.
    private mutating func giveUpHandOver(of index: Int, _ position: Int, name: String, reason: String) {
        guard let request = endRequest(for: index, position), request.isAwaited, jobs[position].isActive else { return }
        loseOutput(
            MapOutputID(mapIndex: index, attemptNumber: request.number), position, name: name, reason: reason)
    }

    /// No reduce task of the job needs anything more.
    mutating func endRequests(_ position: Int) {
        for index in jobs[position].handOvers.requests.keys.sorted() { endRequest(for: index, position) }
    }

    @discardableResult
    mutating func endRequest(for index: Int, _ position: Int) -> HandOvers.Request? {
        guard let request = jobs[position].handOvers.endRequest(for: index) else { return nil }
        // Reduce tasks may have waited for it.
        if request.isAwaited, jobs[position].handOvers.awaitedCount == 0 { workAppeared = true }
        workers[known: request.holder].standing.handingOver?.count -= 1
        if workers[known: request.holder].standing.handingOver?.count == 0 { endHandingOver(of: request.holder) }
        return request
    }

    /// Whoever began to read before now does so where the output was.
    private mutating func endHandingOver(of id: WorkerID) {
        workers[known: id].standing.handingOver = nil
        guard workers[known: id].standing.isDraining else { return }
        workers[known: id].standing.readers = runningReduces
        drainsMayEnd = true
    }

    private var runningReduces: [AttemptID] {
        workers.all.flatMap { $0.worker.attempts.filter { $0.task.kind == .reduce } }
    }

    // MARK: After a new start of the master

    /// The answers that asked may never have arrived: everyone is asked again.
    mutating func askAgainToHandOver() {
        for id in workers.ids where workers[known: id].standing.handingOver != nil {
            var untold: [AttemptID] = []
            for position in openJobs {
                let requests = jobs[position].handOvers.requests.filter { $0.value.holder == id }
                for (index, request) in requests.sorted(by: { $0.key < $1.key }) {
                    untold.append(AttemptID(task: jobs[position].maps.id(index), number: request.number))
                }
            }
            workers[known: id].standing.handingOver?.untold = untold
        }
    }
}
