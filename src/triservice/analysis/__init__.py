"""Numbers for one shared picture: events, places, hotspots, overlap, near repeats.

`import triservice.analysis as ta` gives every public function as `ta.name`; the module that
holds it is loaded when it is first used, so that the import itself is quick.
"""

from __future__ import annotations
