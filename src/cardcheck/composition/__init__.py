# SPDX-License-Identifier: Apache-2.0
"""Where everything is put together: from values to readers, a look, a report.

What belongs here: the choice of a driver, what one run is made of, the calls of the library. What
does not: the command line, the environment, the locale, streams and terminals (``cli``); decisions
about cards (``checks``), sentences (``catalog``).
"""
