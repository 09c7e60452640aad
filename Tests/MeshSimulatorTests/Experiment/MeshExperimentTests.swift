import Testing

@testable import MeshSimulator
@testable import MeshTrouble

@Suite struct MeshExperimentTests {
    private func parameters(_ change: (inout MeshExperiment.Parameters) -> Void = { _ in }) -> MeshExperiment.Parameters
    {
        var parameters = MeshExperiment.Parameters(nodes: 40)
        parameters.duration = .seconds(60)
        parameters.settling = .seconds(70)
        parameters.quiet = .seconds(30)
        parameters.lookupsPerMinute = 60
        parameters.subscribers = 10
        parameters.publishers = 3
        change(&parameters)
        return parameters
    }

    private func run(_ parameters: MeshExperiment.Parameters) -> MeshReport {
        var experiment = MeshExperiment(parameters)
        return experiment.run()
    }

    @Test func mesh_withoutTrouble_findsAndDeliversEverything() {
        let report = run(parameters())
        #expect(report.nodes == 40)
        #expect(report.lookups == 60)
        #expect(report.lookupSuccess == 1)
        #expect((report.foundClosest ?? 0) > 0.98)
        #expect((1...3).contains(report.meanHops ?? 0))
        #expect((report.queriesMean ?? 0) >= 8)
        #expect(report.published == 18)
        #expect(report.deliveredRatio == 1)
        #expect((5...200).contains(report.latencyMedian ?? 0))
        #expect((report.latencyTail ?? 0) >= (report.latencyMedian ?? 0))
        #expect((report.duplicatesMean ?? -1) >= 0)
        #expect(report.maxCopiesSent >= 1)
        #expect(report.maintenancePerNodeMinute > 0)
        #expect(report.telexesPerNodeMinute > report.maintenancePerNodeMinute)
        #expect(report.bytesPerNodeSecond > 0)
        #expect(report.maxAmplification > 0 && report.maxAmplification <= 3)
        #expect(report.violations == [])
    }

    @Test func experiment_whenItIsRepeated_saysTheSame() {
        let trouble = parameters {
            $0.loss = 0.05
            $0.dead = 0.1
            $0.churnMedian = .seconds(120)
            $0.attackers = 0.1
        }
        var first = run(trouble)
        var second = run(trouble)
        first.wallSeconds = 0
        second.wallSeconds = 0
        #expect("\(first)" == "\(second)")
        var other = trouble
        other.seed = 2
        #expect(run(other).traceHash != first.traceHash)
    }

    @Test func dead_areNoLongerThereAndNobodyIsToldSo() {
        var experiment = MeshExperiment(parameters { $0.dead = 0.5 })
        let report = experiment.run()
        #expect((0..<40).count { experiment.mesh.isUp($0) } == 20)
        #expect((report.queriesMean ?? 0) > 8)
        #expect(report.violations == [])
    }

    @Test func churn_replacesWhoLeaves() {
        var experiment = MeshExperiment(parameters { $0.churnMedian = .seconds(30) })
        let report = experiment.run()
        #expect(experiment.mesh.nodeCount > 50, "newcomers came")
        #expect((0..<experiment.mesh.nodeCount).count { experiment.mesh.isUp($0) } == 40)
        #expect(report.published > 0)
        #expect(experiment.channel.subscribers.count == 10)
        #expect(experiment.channel.subscribers.keys.allSatisfy { experiment.mesh.isUp($0) })
        #expect(experiment.channel.publishers.allSatisfy { experiment.mesh.isUp($0) })
    }

    @Test func meshMeasuredAgain_isWholeAndCountsAnew() {
        var experiment = MeshExperiment(parameters { $0.dead = 0.5 })
        let first = experiment.run()
        let second = experiment.runAgain {
            $0.dead = 0
            $0.loss = 0.05
            $0.churnMedian = .seconds(600)
            $0.nodes = 1
        }
        #expect(second.nodes == 40, "the mesh is the same")
        #expect((0..<experiment.mesh.nodeCount).count { experiment.mesh.isUp($0) } == 40, "newcomers took the places")
        #expect(experiment.channel.subscribers.count == 10)
        #expect(experiment.channel.subscribers.keys.allSatisfy { experiment.mesh.isUp($0) })
        #expect(second.lookups > 50 && second.lookups <= 60)
        #expect(second.published <= 18 && second.published > 10)
        #expect((second.deliveredRatio ?? 0) > 0.98)
        #expect(second.simulatedSeconds > first.simulatedSeconds + 160)
        #expect(experiment.mesh.counters.lost > 0)
        #expect(second.violations == [])
        let third = experiment.runAgain {
            $0.churnMedian = .zero
            $0.loss = 0
        }
        let nodes = experiment.mesh.nodeCount
        #expect(third.lookupSuccess == 1)
        #expect(third.published == 18)
        #expect(third.deliveredRatio == 1)
        #expect((0..<nodes).count { experiment.mesh.isUp($0) } == 40, "churn ended with its stage")
    }

    @Test func attackers_arePartOfTheMesh() {
        var experiment = MeshExperiment(parameters { $0.attackers = 0.25 })
        let report = experiment.run()
        #expect(experiment.mesh.nodeCount == 30)
        #expect(experiment.attackers.count == 10)
        #expect(experiment.mesh.counters.receivedByPeers > 100)
        #expect(report.nodes == 40)
    }

    @Test(arguments: [1, 2, 3])
    func smallestMeshes_areMeasuredToo(_ nodes: Int) {
        let report = run(
            parameters {
                $0.nodes = nodes
                $0.subscribers = nodes
                $0.publishers = 1
            })
        #expect(report.lookups == 60)
        #expect(report.lookupSuccess == 1)
        #expect(report.deliveredRatio == (nodes == 1 ? nil : 1))
        #expect(report.violations == [])
    }

    @Test func parameters_thatMakeNoSense_areNamed() {
        let wrong: [(inout MeshExperiment.Parameters) -> Void] = [
            { $0.nodes = 0 }, { $0.nodes = 1_000_001 }, { $0.loss = -0.1 }, { $0.loss = .nan }, { $0.dead = 1.1 },
            { $0.attackers = 1 }, { $0.churnMedian = .seconds(-1) }, { $0.churnMedian = .milliseconds(1) },
            { $0.publishers = 41 }, { $0.subscribers = -1 }, { $0.subscribers = 41 }, { $0.duration = .zero },
        ]
        #expect(parameters().problem == nil)
        for change in wrong { #expect(parameters(change).problem != nil) }
    }
}
