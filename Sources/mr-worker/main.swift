import Applications
import WorkerCommand

await WorkerProgram.main(applications: BuiltInApplications.all)
