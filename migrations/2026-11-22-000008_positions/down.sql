DROP FUNCTION stoa_settle_positions, stoa_position_horizon, stoa_position, stoa_position_cluster, stoa_position_offset, stoa_uuid_time,
  stoa_uuid_floor;
