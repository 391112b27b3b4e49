import Access
import Model
import TaskRuntime
import WorkerProtocol
import XMLRPCTransport

/// Serves a sample of the input: `/sample/1/lines`, `/sample/1/file` and so on, by what a record is.
///
/// The master knows only its own applications. Where somebody else's parts its keys by ranges, each worker makes keys of
/// this sample, which is the same for all, and so comes to the same ranges as the others.
struct SampleRoute {
    let context: MasterContext

    var route: Route {
        .get(DataPath.sample + "/*", role: Role.worker.rawValue) { try answer($0) }
    }

    private func answer(_ request: RouteRequest) throws -> RouteAnswer {
        guard request.components.count == 2, let job = context.job(named: request.components[0]),
            let form = InputForm(request.components[1])
        else { return .status(404, "samples are named like /sample/1/lines") }
        do throws(PlanError) {
            let sample = try InputSampler.sample(job.plan.files, as: form)
            return .bytes(SampledRecord.bytes(of: sample), contentType: "application/octet-stream")
        } catch {
            return .status(409, "the input cannot be sampled any more: \(error)")
        }
    }
}
