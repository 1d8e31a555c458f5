"""Running it: the embedded cluster, worker, doctor, backup, health."""
