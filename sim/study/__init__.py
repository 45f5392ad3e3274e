"""Many runs of a sweep, into a store: only what is missing, on this machine or on others, the same results everywhere."""

from __future__ import annotations

from sim.study.running import Study, Summary, run_study, study_of

__all__ = ["Study", "Summary", "run_study", "study_of"]
