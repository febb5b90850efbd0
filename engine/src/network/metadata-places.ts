// Where clouds answer a machine with its own credentials and secrets, which a guest on it must not have.

/**
 * Link-local addresses, where most of them are; then Alibaba Cloud (cloud-init's data source AliYun), Azure's WireServer
 * (Microsoft, "What is IP address 168.63.129.16?") and Oracle Cloud Classic. Those of IPv6 (`fd00:ec2::254`) need no rule:
 * IPv6 does not pass.
 */
export const METADATA_PLACES = ['169.254.0.0/16', '100.100.100.200', '168.63.129.16', '192.0.0.192'] as const;
