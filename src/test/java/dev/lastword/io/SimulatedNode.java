package dev.lastword.io;

import java.util.Map;

/// What a name stands for: a file or a directory. Guarded by its disk's monitor.
sealed interface SimulatedNode permits SimulatedFile, SimulatedDirectory {

    /// What a power failure leaves of it, as a new node of which everything is durable.
    SimulatedNode afterPowerLoss(PowerLoss loss);

    /// A copy in the same state, synced or not. One node has one copy in `copies`.
    SimulatedNode copy(Map<SimulatedNode, SimulatedNode> copies);
}
