"""Many replicas on one seed: hostile transactions, crashes, and a second opinion on every block."""

from __future__ import annotations

from tongbao.simulator.command import simulate_command
from tongbao.simulator.fleet import run_many
from tongbao.simulator.report import Report, SimulationFault
from tongbao.simulator.world import run

__all__ = ["Report", "SimulationFault", "run", "run_many", "simulate_command"]
