"""The journey that README shows: a workload with failures in it, brought to its end and audited from outside."""
