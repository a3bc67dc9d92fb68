"""Writes those parts of the documentation that the code already says: what stands between a pair of marks

    <!-- generated: NAME ARGUMENT -->
    <!-- end of generated -->

in a page, and the drawings of the lifecycles. A test fails where pages and code disagree.
"""

from docs.generate.pages import Outdated, outdated, write

__all__ = ["Outdated", "outdated", "write"]
