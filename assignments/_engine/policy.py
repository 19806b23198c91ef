"""What late work costs.  Resubmitted work: the last attempt counts, see `choose`."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass
class Policy:
    """Late work loses ``per_day`` % of its points for each day begun, ``most`` % at most."""

    due: datetime | None = None
    per_day: float = 0.0
    most: float = 100.0
    grace: timedelta = timedelta(minutes=10)

    def share_lost(self, submitted: datetime | None, late: bool) -> tuple[float, str]:
        """The share of points lost, and a sentence (empty if in time)."""
        if self.due is None or submitted is None:
            if late:
                return 0.0, ("Handed in late, as the learning platform says; by how much is not "
                             "known here, so nothing was taken off.")
            return 0.0, ""
        over = submitted - self.due - self.grace
        if over <= timedelta(0):
            return 0.0, ""
        days = math.ceil(over / timedelta(days=1))
        lost = min(self.per_day * days, self.most)
        plural = "s" if days > 1 else ""
        return lost / 100, (f"Handed in late, {days} day{plural} begun after the deadline: "
                            f"{lost:g} % of the points are taken off.")
