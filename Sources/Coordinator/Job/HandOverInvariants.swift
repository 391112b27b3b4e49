import Model

/// What must hold of map outputs on their way to the master, and of workers that are on their way out.
extension Coordinator {
    func checkStandings(_ violations: inout [String]) {
        var counts: [WorkerID: Int] = [:]
        for job in jobs { checkHandOvers(job, &counts, &violations) }
        for (id, worker) in workers.all {
            let standing = worker.standing
            if (standing.handingOver?.count ?? 0) != counts[id, default: 0] || standing.handingOver?.count == 0 {
                violations.append("\(id) is asked for \(counts[id, default: 0]) map outputs: \(standing)")
            }
            if worker.isLost, standing.handingOver != nil { violations.append("\(id) is lost and to hand over") }
            guard standing.isDraining, worker.isParked else { continue }
            if directive(for: id) != .proceed { violations.append("\(id) drains, and is not told what to do") }
        }
        if drainingCount != workers.all.count(where: { $0.worker.standing.isDraining }) {
            violations.append("the draining workers are miscounted")
        }
        for (position, application) in applications.enumerated() {
            let excluded = workers.all.count { id, worker in
                worker.standing.isExcluded && isCountedAsLive(id) && worker.applications.contains(position)
            }
            if excluded != application.excludedCount {
                violations.append("\(application.name): excluded are miscounted")
            }
        }
        if drainsMayEnd { violations.append("the step left drains to be looked at") }
    }

    private func checkHandOvers(
        _ job: JobRecord, _ counts: inout [WorkerID: Int], _ violations: inout [String]
    ) {
        for (index, request) in job.handOvers.requests {
            counts[request.holder, default: 0] += 1
            guard case .completed(let completion) = job.maps.records[index].phase, job.isActive,
                completion.number == request.number, completion.worker == .full(request.holder), !completion.isEmpty,
                !job.handOvers.held.contains(index)
            else {
                violations.append("\(job.id) map \(index) is asked for in vain: \(request)")
                continue
            }
        }
        if job.handOvers.awaitedCount != job.handOvers.requests.values.count(where: \.isAwaited) {
            violations.append("\(job.id): the map outputs that are awaited are miscounted")
        }
        for index in job.handOvers.held {
            guard case .completed(let completion) = job.maps.records[index].phase, !completion.isEmpty else {
                violations.append("\(job.id) map \(index) is held by the master and not completed")
                continue
            }
        }
    }
}
