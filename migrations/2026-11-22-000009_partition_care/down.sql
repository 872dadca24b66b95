DROP FUNCTION stoa_drop_partition, stoa_strays, stoa_partitions, stoa_make_partitions, stoa_make_partition, stoa_partition_start,
  stoa_partition_width, stoa_partition_key;
