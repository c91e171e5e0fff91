"""Worker processes: the cluster, who gets one, how long a run waits."""
