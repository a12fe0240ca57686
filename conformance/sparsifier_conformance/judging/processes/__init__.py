"""Processes that judge: started, limited, interrupted, ended; and what is told of one that is gone."""
