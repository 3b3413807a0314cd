"""The composition root: settings, URL map, commands, the three dialects and the pages over several apps."""
