-- ProxySQL 2.x, on its admin interface. The comment of a server is the name of its cluster: follow-gates finds them by it.
INSERT INTO mysql_servers (hostgroup_id, hostname, port, comment) VALUES
  (10, '10.0.1.4', 4000, 'east'),
  (10, '10.0.1.5', 4000, 'east'),
  (20, '10.0.2.4', 4000, 'west');
LOAD MYSQL SERVERS TO RUNTIME;
SAVE MYSQL SERVERS TO DISK;

-- Twice a second: ask the manager, change what has changed. Credentials of the admin interface stand in the file, not here.
INSERT INTO scheduler (id, active, interval_ms, filename, arg1) VALUES
  (1, 1, 500, '/etc/bdrmesh/follow-gates', '/etc/bdrmesh/proxysql-admin.cnf');
LOAD SCHEDULER TO RUNTIME;
SAVE SCHEDULER TO DISK;
