DROP TABLE report_recipients;
DROP TABLE reports;
